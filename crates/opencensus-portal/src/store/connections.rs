//! Opens connections to one database, in a file or in memory.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use crate::store::search;

/// The most queries that run at once.
const MAX_READERS: usize = 3;
/// The time that a connection waits for the locks of another. In memory, a commit waits for the queries.
const BUSY: Duration = Duration::from_secs(30);

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
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
        }
        connection.set_prepared_statement_cache_capacity(64);
        search::register(&connection)?;
        Ok(connection)
    }
}

/// Connections for queries, which are opened when they are needed.
#[derive(Debug)]
pub(super) struct Readers {
    place: Place,
    idle: Mutex<Vec<Connection>>,
    turns: Semaphore,
}

impl Readers {
    pub(super) fn new(place: Place) -> Self {
        Self { place, idle: Mutex::new(Vec::new()), turns: Semaphore::new(MAX_READERS) }
    }

    /// Waits until another query may run.
    pub(super) async fn turn(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
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
