//! What was received: SQLite, in memory or in a file.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, params_from_iter};
use tokio::sync::watch;

use crate::store::{Filter, Item, NewItem, schema};

/// Most items that are kept; the oldest go first.
const MAX_ITEMS: i64 = 200_000;

/// Why the store does not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// SQLite refused.
    #[error("the portal's database does not work")]
    Sqlite(#[from] rusqlite::Error),
    /// The file was written by a later version of the portal.
    #[error("the database was written by a later portal (its version is {0}); use that one, or another file")]
    Newer(i64),
    /// The portal is being stopped.
    #[error("the portal is being stopped")]
    Stopped,
}

/// The store. Clones share it. Every access runs on a thread that may block.
#[derive(Clone)]
pub(crate) struct Store {
    connection: Arc<Mutex<Connection>>,
    // The highest id so far.
    newest: Arc<watch::Sender<i64>>,
}

/// Numbers of the items that a filter accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Count {
    pub(crate) items: u64,
    /// What they stand for, by their sample rates.
    pub(crate) weight: f64,
}

impl Store {
    /// Opens a file, or memory.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, StoreError> {
        let connection = match file {
            Some(file) => Connection::open(file)?,
            None => Connection::open_in_memory()?,
        };
        schema::prepare(&connection)?;
        let newest = connection.query_row("SELECT coalesce(max(id), 0) FROM items", [], |row| row.get(0))?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), newest: Arc::new(watch::Sender::new(newest)) })
    }

    /// Tells the highest id whenever it changes.
    pub(crate) fn newest(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// Adds the items in one transaction.
    pub(crate) async fn insert(&self, items: Vec<NewItem>) -> Result<(), StoreError> {
        if items.is_empty() {
            return Ok(());
        }
        let newest = self.call(move |connection| insert(connection, &items)).await?;
        self.newest.send_replace(newest);
        Ok(())
    }

    /// The newest items that the filter accepts, newest first.
    pub(crate) async fn items(&self, filter: Filter, limit: usize) -> Result<Vec<Item>, StoreError> {
        self.call(move |connection| select(connection, &filter, limit)).await
    }

    pub(crate) async fn item(&self, id: i64) -> Result<Option<Item>, StoreError> {
        Ok(self.items(Filter::default().with_id(id), 1).await?.pop())
    }

    pub(crate) async fn count(&self, filter: Filter) -> Result<Count, StoreError> {
        self.call(move |connection| {
            let (condition, values) = filter.to_sql();
            let sql = format!("SELECT count(*), coalesce(sum(100 / sample_rate), 0.0) FROM items WHERE {condition}");
            let count = connection.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| {
                Ok(Count { items: row.get::<_, i64>(0)? as u64, weight: row.get(1)? })
            })?;
            Ok(count)
        })
        .await
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || work(&mut store.lock())).await.map_err(|_| StoreError::Stopped)?
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn insert(connection: &mut Connection, items: &[NewItem]) -> Result<i64, StoreError> {
    let transaction = connection.transaction()?;
    let newest = {
        let mut statement = transaction.prepare_cached(schema::INSERT)?;
        for item in items {
            item.insert(&mut statement)?;
        }
        transaction.last_insert_rowid()
    };
    transaction.execute("DELETE FROM items WHERE id <= ?", [newest - MAX_ITEMS])?;
    transaction.commit()?;
    Ok(newest)
}

fn select(connection: &Connection, filter: &Filter, limit: usize) -> Result<Vec<Item>, StoreError> {
    let (condition, values) = filter.to_sql();
    let sql = format!("SELECT {} FROM items WHERE {condition} ORDER BY id DESC LIMIT {limit}", Item::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), Item::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, sample_rate: f64) -> NewItem {
        NewItem { name: name.to_owned(), sample_rate, raw: format!("{{\"n\":\"{name}\"}}"), ..NewItem::default() }
    }

    #[tokio::test]
    async fn newest_come_first_and_count_by_weight() {
        let store = Store::open(None).unwrap();
        store.insert(vec![item("a", 100.0), item("b", 25.0)]).await.unwrap();
        store.insert(vec![item("c", 100.0)]).await.unwrap();
        let names: Vec<_> =
            store.items(Filter::default(), 2).await.unwrap().into_iter().map(|item| item.name).collect();
        assert_eq!(names, ["c", "b"]);
        let count = store.count(Filter::default()).await.unwrap();
        assert_eq!((count.items, count.weight), (3, 6.0));
    }

    #[tokio::test]
    async fn text_is_found_literally_and_without_case() {
        let store = Store::open(None).unwrap();
        store.insert(vec![item("100%", 100.0), item("1000", 100.0), item("GET /Users", 100.0)]).await.unwrap();
        let found = |text: &str| store.items(Filter::default().with_text(text), 10);
        assert_eq!(found("100%").await.unwrap().len(), 1);
        assert_eq!(found("/users").await.unwrap().len(), 1);
        assert_eq!(found("' OR 1=1 --").await.unwrap().len(), 0);
    }

    #[tokio::test]
    async fn file_survives_and_a_newer_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("portal.db");
        Store::open(Some(&file)).unwrap().insert(vec![item("a", 100.0)]).await.unwrap();
        let store = Store::open(Some(&file)).unwrap();
        assert_eq!(store.count(Filter::default()).await.unwrap().items, 1);
        store.lock().pragma_update(None, "user_version", 99).unwrap();
        drop(store);
        assert!(matches!(Store::open(Some(&file)), Err(StoreError::Newer(99))));
    }
}
