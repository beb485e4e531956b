//! The SQLite database of items.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, params_from_iter};
use tokio::sync::watch;

use crate::store::count::Count;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::item::Item;
use crate::store::new_item::NewItem;
use crate::store::retention::Retention;
use crate::store::schema;

/// The number of items that an item represents, which is bounded so that totals are finite.
const WEIGHT: &str = "min(100 / sample_rate, 1e6)";

/// A handle of the database, which clones share. Every access runs on a blocking thread.
#[derive(Clone)]
pub(crate) struct Store {
    connection: Arc<Mutex<Database>>,
    // The highest id of an item.
    newest: Arc<watch::Sender<i64>>,
}

/// The connection, and what limits the items behind it.
pub(super) struct Database {
    connection: Connection,
    retention: Retention,
}

impl Database {
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a file, or a database in memory.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, StoreError> {
        let connection = match file {
            Some(file) => Connection::open(file),
            None => Connection::open_in_memory(),
        };
        let connection = connection.map_err(StoreError::database)?;
        schema::migrate(&connection)?;
        let newest = connection.query_row("SELECT coalesce(max(id), 0) FROM items", [], |row| row.get(0));
        let newest = newest.map_err(StoreError::database)?;
        let retention = Retention::new(&connection).map_err(StoreError::database)?;
        let database = Database { connection, retention };
        Ok(Self { connection: Arc::new(Mutex::new(database)), newest: Arc::new(watch::Sender::new(newest)) })
    }

    /// Subscribes to the highest id.
    pub(crate) fn newest(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// Adds the items in one transaction.
    pub(crate) async fn insert(&self, items: Vec<NewItem>) -> Result<(), StoreError> {
        if items.is_empty() {
            return Ok(());
        }
        let newest = self.call(move |database| insert(database, &items)).await?;
        self.newest.send_replace(newest);
        Ok(())
    }

    /// The newest items that match the filter, newest first.
    pub(crate) async fn items(&self, filter: Filter, limit: usize) -> Result<Vec<Item>, StoreError> {
        self.call(move |database| select(&database.connection, &filter, limit)).await
    }

    pub(crate) async fn item(&self, id: i64) -> Result<Option<Item>, StoreError> {
        Ok(self.items(Filter::default().with_id(id), 1).await?.pop())
    }

    pub(crate) async fn count(&self, filter: Filter) -> Result<Count, StoreError> {
        self.call(move |database| {
            let (condition, values) = filter.to_sql();
            let sql = format!("SELECT count(*), coalesce(sum({WEIGHT}), 0.0) FROM items WHERE {condition}");
            database.connection.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| {
                Ok(Count { items: row.get::<_, i64>(0)? as u64, weight: row.get(1)? })
            })
        })
        .await
    }

    pub(super) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Database) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        let result = tokio::task::spawn_blocking(move || work(&mut store.lock())).await;
        result.map_err(|_| StoreError::Stopped)?.map_err(StoreError::database)
    }

    fn lock(&self) -> MutexGuard<'_, Database> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn insert(database: &mut Database, items: &[NewItem]) -> rusqlite::Result<i64> {
    let transaction = database.connection.transaction()?;
    let newest = {
        let mut statement = transaction.prepare_cached(schema::INSERT)?;
        for item in items {
            item.insert(&mut statement)?;
        }
        transaction.last_insert_rowid()
    };
    let added = items.iter().map(NewItem::bytes).sum();
    let retention = database.retention.after(&transaction, newest, added)?;
    transaction.commit()?;
    database.retention = retention;
    Ok(newest)
}

fn select(connection: &Connection, filter: &Filter, limit: usize) -> rusqlite::Result<Vec<Item>> {
    let (condition, values) = filter.to_sql();
    let sql = format!("SELECT {} FROM items WHERE {condition} ORDER BY id DESC LIMIT {limit}", Item::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), Item::from_row)?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, sample_rate: f64) -> NewItem {
        NewItem { name: name.to_owned(), sample_rate, raw: format!("{{\"n\":\"{name}\"}}"), ..NewItem::default() }
    }

    #[tokio::test]
    async fn newest_items_come_first_and_counts_are_weighted() {
        let store = Store::open(None).unwrap();
        store.insert(vec![item("a", 100.0), item("b", 25.0)]).await.unwrap();
        store.insert(vec![item("c", 100.0), item("d", 1e-320)]).await.unwrap();
        let names: Vec<_> =
            store.items(Filter::default(), 2).await.unwrap().into_iter().map(|item| item.name).collect();
        assert_eq!(names, ["d", "c"]);
        let count = store.count(Filter::default()).await.unwrap();
        assert_eq!((count.items, count.weight), (4, 1_000_006.0));
    }

    #[tokio::test]
    async fn text_filter_is_literal_and_ignores_case() {
        let store = Store::open(None).unwrap();
        store.insert(vec![item("100%", 100.0), item("1000", 100.0), item("GET /Users", 100.0)]).await.unwrap();
        let found = |text: &str| store.items(Filter::default().with_text(text), 10);
        assert_eq!(found("100%").await.unwrap().len(), 1);
        assert_eq!(found("/users").await.unwrap().len(), 1);
        assert_eq!(found("' OR 1=1 --").await.unwrap().len(), 0);
    }

    #[tokio::test]
    async fn items_survive_in_a_file_and_a_newer_schema_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("portal.db");
        Store::open(Some(&file)).unwrap().insert(vec![item("a", 100.0)]).await.unwrap();
        let store = Store::open(Some(&file)).unwrap();
        assert_eq!(store.count(Filter::default()).await.unwrap().items, 1);
        store.lock().connection.pragma_update(None, "user_version", 99).unwrap();
        drop(store);
        assert!(matches!(Store::open(Some(&file)), Err(StoreError::Newer(99))));
    }
}
