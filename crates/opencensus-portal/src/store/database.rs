//! The SQLite database of items: one thread writes, and several connections read.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use rusqlite::{Connection, Transaction, TransactionBehavior, params_from_iter};
use tokio::sync::{oneshot, watch};

use crate::store::connections::{Place, Readers};
use crate::store::count::Count;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::item::Item;
use crate::store::new_item::NewItem;
use crate::store::new_refusal::NewRefusal;
use crate::store::retention::{Limits, Retention};
use crate::store::schema;
use crate::store::writer::{Job, Received, Writer};

/// A handle of the database, which clones share.
#[derive(Clone)]
pub(crate) struct Store {
    readers: Arc<Readers>,
    writer: Sender<Job>,
    run: i64,
    // The highest id of an item.
    newest: Arc<watch::Sender<i64>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a file, or a database in memory, and begins a run at `now`, in microseconds since 1970.
    pub(crate) fn open(file: Option<&Path>, limits: Limits, now: i64) -> Result<Self, StoreError> {
        let place = Place::new(file);
        let mut connection = place.open().map_err(StoreError::database)?;
        schema::migrate(&mut connection)?;
        let (newest, retention, run) = begin(&mut connection, limits, now).map_err(StoreError::database)?;
        let newest = Arc::new(watch::Sender::new(newest));
        let writer = Writer::start(connection, retention, run, newest.clone()).map_err(|_| StoreError::Stopped)?;
        Ok(Self { readers: Arc::new(Readers::new(place)), writer, run, newest })
    }

    /// The id of the current run.
    pub(crate) fn run(&self) -> i64 {
        self.run
    }

    /// Subscribes to the highest id.
    pub(crate) fn newest(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// Adds items.
    #[cfg(test)]
    pub(crate) async fn insert(&self, items: Vec<NewItem>) -> Result<(), StoreError> {
        self.insert_with_refusals(items, Vec::new()).await
    }

    /// Adds items, and those that were refused. They are committed when the future completes.
    pub(crate) async fn insert_with_refusals(
        &self,
        items: Vec<NewItem>,
        refusals: Vec<NewRefusal>,
    ) -> Result<(), StoreError> {
        if items.is_empty() && refusals.is_empty() {
            return Ok(());
        }
        let (done, committed) = oneshot::channel();
        self.writer.send(Job::Insert(Received { items, refusals }, done)).map_err(|_| StoreError::Stopped)?;
        committed.await.map_err(|_| StoreError::Stopped)?
    }

    /// Changes the database on the writer's thread, in one transaction.
    pub(super) async fn change(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()> + Send + 'static,
    ) -> Result<(), StoreError> {
        let (done, committed) = oneshot::channel();
        self.writer.send(Job::Change(Box::new(change), done)).map_err(|_| StoreError::Stopped)?;
        committed.await.map_err(|_| StoreError::Stopped)?
    }

    /// Runs a query on a blocking thread. All its statements find the same rows.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = self.readers.turn().await;
        let readers = self.readers.clone();
        // The query goes on if its caller leaves, such as a browser that closes a page.
        let result = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            readers.read(query)
        })
        .await;
        result.map_err(|_| StoreError::Stopped)?.map_err(StoreError::database)
    }

    /// The newest items that match the filter, newest first.
    pub(crate) async fn items(&self, filter: Filter, limit: usize) -> Result<Vec<Item>, StoreError> {
        self.read(move |connection| {
            let (condition, values) = filter.to_sql();
            let sql = format!(
                "SELECT {} FROM items JOIN envelopes USING (id) WHERE {condition} ORDER BY items.id DESC LIMIT {limit}",
                Item::COLUMNS
            );
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map(params_from_iter(values), Item::from_row)?.collect()
        })
        .await
    }

    pub(crate) async fn item(&self, id: i64) -> Result<Option<Item>, StoreError> {
        Ok(self.items(Filter::default().with_id(id), 1).await?.pop())
    }

    pub(crate) async fn count(&self, filter: Filter) -> Result<Count, StoreError> {
        self.read(move |connection| {
            let (tables, condition, values) = filter.to_select();
            let sql = format!("SELECT count(*), coalesce(sum(weight), 0.0) FROM {tables} WHERE {condition}");
            connection.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| {
                Ok(Count { items: row.get::<_, i64>(0)? as u64, weight: row.get(1)? })
            })
        })
        .await
    }
}

/// Deletes what exceeds the limits, and begins a run. Returns the highest id of an item, and the run.
fn begin(connection: &mut Connection, limits: Limits, now: i64) -> rusqlite::Result<(i64, Retention, i64)> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let newest = transaction.query_row("SELECT coalesce(max(id), 0) FROM items", [], |row| row.get(0))?;
    let retention = Retention::new(&transaction, limits)?.after(&transaction, now, (0, 0))?;
    let run = schema::begin_run(&transaction, now, None)?;
    transaction.commit()?;
    Ok((newest, retention, run))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, sample_rate: f64) -> NewItem {
        NewItem { name: name.to_owned(), sample_rate, raw: format!("{{\"n\":\"{name}\"}}"), ..NewItem::default() }
    }

    fn open(file: Option<&Path>) -> Result<Store, StoreError> {
        Store::open(file, Limits::default(), 1)
    }

    #[tokio::test]
    async fn newest_items_come_first_and_counts_are_weighted() {
        let store = open(None).unwrap();
        store.insert(vec![item("a", 100.0), item("b", 25.0)]).await.unwrap();
        store.insert(vec![item("c", 100.0), item("d", 1e-320)]).await.unwrap();
        let names: Vec<_> =
            store.items(Filter::default(), 2).await.unwrap().into_iter().map(|item| item.name).collect();
        assert_eq!(names, ["d", "c"]);
        let count = store.count(Filter::default()).await.unwrap();
        assert_eq!((count.items, count.weight), (4, 1_000_006.0));
    }

    #[tokio::test]
    async fn items_survive_in_a_file_and_each_start_is_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("portal.db");
        open(Some(&file)).unwrap().insert(vec![item("a", 100.0)]).await.unwrap();
        let store = open(Some(&file)).unwrap();
        store.insert(vec![item("b", 100.0), item("c", 100.0)]).await.unwrap();
        let runs: Vec<_> = store.runs().await.unwrap().into_iter().map(|run| (run.id, run.items)).collect();
        assert_eq!((store.run(), runs), (2, vec![(2, 2), (1, 1)]));
        assert_eq!(store.items(Filter::default().in_run(1), 9).await.unwrap()[0].name, "a");
    }

    #[tokio::test]
    async fn concurrent_posts_and_queries_lose_nothing() {
        let store = open(None).unwrap();
        let posts = (0..50).map(|_| store.insert(vec![item("a", 100.0); 20]));
        let queries = (0..50).map(|_| store.count(Filter::default()));
        let (posts, queries) =
            tokio::join!(futures_util::future::join_all(posts), futures_util::future::join_all(queries));
        assert!(posts.iter().all(Result::is_ok) && queries.iter().all(Result::is_ok));
        assert_eq!(store.count(Filter::default()).await.unwrap().items, 1000);
    }

    #[tokio::test]
    async fn queries_whose_callers_left_keep_their_turns_until_they_end() {
        let store = open(None).unwrap();
        let (sender, ends) = std::sync::mpsc::channel::<()>();
        let ends = Arc::new(std::sync::Mutex::new(ends));
        let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..3 {
            let (store, ends, begun) = (store.clone(), ends.clone(), begun.clone());
            let caller = tokio::spawn(async move {
                let query = move |_: &Transaction<'_>| {
                    let _ = begun.send(());
                    let _ = ends.lock().unwrap().recv();
                    Ok(())
                };
                store.read(query).await
            });
            begins.recv().await.unwrap();
            caller.abort();
            assert!(caller.await.unwrap_err().is_cancelled());
        }
        assert!(tokio::time::timeout(std::time::Duration::from_millis(50), store.readers.turn()).await.is_err());
        drop(sender);
        assert_eq!(store.count(Filter::default()).await.unwrap().items, 0);
    }

    #[tokio::test]
    async fn query_that_panics_is_an_error_and_the_next_ones_run() {
        let store = open(None).unwrap();
        for _ in 0..5 {
            let result: Result<(), _> = store.read(|_| panic!("the query panics")).await;
            assert!(matches!(result, Err(StoreError::Stopped)));
        }
        assert_eq!(store.count(Filter::default()).await.unwrap().items, 0);
    }

    #[tokio::test]
    async fn items_beyond_the_limits_are_deleted_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("portal.db");
        open(Some(&file)).unwrap().insert(vec![item("a", 100.0); 5]).await.unwrap();
        let limits = Limits { max_items: 2, ..Limits::default() };
        let store = Store::open(Some(&file), limits, 1).unwrap();
        assert_eq!(store.count(Filter::default()).await.unwrap().items, 2);
        let later = limits.max_age.as_micros() as i64 + 1;
        let store = Store::open(Some(&file), limits, later).unwrap();
        assert_eq!((store.count(Filter::default()).await.unwrap().items, *store.newest().borrow()), (0, 5));
    }

    #[test]
    fn portals_that_start_at_once_share_a_new_file() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..30 {
            let file = folder.path().join(format!("{round}.db"));
            let start = std::sync::Barrier::new(8);
            let runs: std::collections::BTreeSet<_> = std::thread::scope(|scope| {
                let portal = || {
                    start.wait();
                    open(Some(&file)).unwrap().run()
                };
                let portals: Vec<_> = (0..8).map(|_| scope.spawn(portal)).collect();
                portals.into_iter().map(|portal| portal.join().unwrap()).collect()
            });
            assert_eq!(runs, (1..=8).collect());
        }
    }
}
