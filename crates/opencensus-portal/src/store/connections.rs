//! Opens connections to one database, in a file or in memory.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::search;

/// The most queries that run at once.
const MAX_READERS: usize = 3;
/// The time that a connection waits for the locks of another. In memory, a commit waits for the queries.
const BUSY: Duration = Duration::from_secs(30);
/// The pause before the next attempt where SQLite does not wait itself.
const RETRY: Duration = Duration::from_millis(5);

/// The place of a database.
#[derive(Clone, Debug)]
pub(super) enum Place {
    File(PathBuf),
    /// The name of a database in the memory of this process.
    Memory(String),
}

impl Place {
    pub(super) fn new(file: Option<&Path>) -> Self {
        static DATABASES: AtomicU64 = AtomicU64::new(0);
        match file {
            Some(file) => Self::File(file.to_owned()),
            None => Self::Memory(format!("file:/portal-{}?vfs=memdb", DATABASES.fetch_add(1, Ordering::Relaxed))),
        }
    }

    /// Opens a connection that can write. A file is created with a write-ahead log, so that queries do not wait for
    /// commits.
    pub(super) fn open(&self) -> rusqlite::Result<Connection> {
        let connection = match self {
            Self::File(file) => Connection::open(file)?,
            Self::Memory(name) => Connection::open_with_flags(name, OpenFlags::default())?,
        };
        connection.busy_timeout(BUSY)?;
        if matches!(self, Self::File(_)) {
            use_write_ahead_log(&connection)?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
        }
        connection.set_prepared_statement_cache_capacity(64);
        search::register(&connection)?;
        Ok(connection)
    }
}

/// Makes the file have a write-ahead log. SQLite does not wait for other connections that do the same to a new file.
fn use_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + BUSY;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < deadline => {
                thread::sleep(RETRY);
            }
            result => return result,
        }
    }
}

/// Connections for queries, which are opened when they are needed.
#[derive(Debug)]
pub(super) struct Readers {
    place: Place,
    idle: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(place: Place) -> Self {
        Self { place, idle: Mutex::new(Vec::new()), turns: Arc::new(Semaphore::new(MAX_READERS)) }
    }

    /// Waits until another query may run, which keeps the turn until it ends.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }

    /// Runs a query on the current thread.
    pub(super) fn read<T>(
        &self,
        query: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.open()?,
        };
        // One transaction: all statements of a query find the same rows.
        let result = connection.transaction().and_then(|transaction| query(&transaction));
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let connection = self.place.open()?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }
}
