//! Runs: each start of a portal with the same database is a new one.

use rusqlite::Row;
use serde::Serialize;

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::schema::begin_run;

/// The most runs that are listed.
const MAX_RUNS: usize = 100;

/// A run of the portal, or the items of an imported file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Run {
    pub(crate) id: i64,
    /// When it began, in microseconds since 1970.
    pub(crate) started: i64,
    /// The name of an imported file.
    pub(crate) name: Option<String>,
    /// The number of its items that are kept.
    pub(crate) items: i64,
}

impl Run {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, started: row.get(1)?, name: row.get(2)?, items: row.get(3)? })
    }
}

impl Store {
    /// The newest runs, newest first.
    pub(crate) async fn runs(&self) -> Result<Vec<Run>, StoreError> {
        self.read(|connection| {
            let sql = format!(
                "SELECT id, started, name, (SELECT count(*) FROM items WHERE run = runs.id) FROM runs
                ORDER BY id DESC LIMIT {MAX_RUNS}"
            );
            connection.prepare_cached(&sql)?.query_map([], Run::from_row)?.collect()
        })
        .await
    }

    /// Deletes the current run if it has no items.
    pub(crate) async fn forget_run(&self) -> Result<(), StoreError> {
        let run = self.run();
        self.change(move |transaction| {
            let sql = "DELETE FROM runs WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM items WHERE run = ?1)";
            transaction.execute(sql, [run]).map(|_| ())
        })
        .await
    }

    /// Begins a run for the items of an imported file, and returns its id.
    pub(crate) async fn begin_import(&self, started: i64, name: String) -> Result<i64, StoreError> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let begin = move |transaction: &rusqlite::Transaction<'_>| {
            let _ = sender.send(begin_run(transaction, started, Some(&name))?);
            Ok(())
        };
        self.change(begin).await?;
        receiver.await.map_err(|_| StoreError::Stopped)
    }
}
