//! Follows items as they arrive. A slow reader costs no memory: the items wait in the database.

use rusqlite::{Connection, OptionalExtension as _, params_from_iter};
use tokio::sync::watch;

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::item::Item;

/// The most items that are read at once.
const CHUNK: usize = 64;

/// A position in the items that match a filter.
#[derive(Debug)]
pub(crate) struct Feed {
    store: Store,
    newest: watch::Receiver<i64>,
    filter: Filter,
    last: i64,
}

/// What arrived after the last position.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Arrivals {
    /// The items, of all filters, that were deleted before they were read.
    pub(crate) dropped: u64,
    /// The next items, oldest first.
    pub(crate) items: Vec<Item>,
    /// The position after them.
    pub(crate) last: i64,
}

impl Store {
    /// Follows items after the one with this id, by default those that arrive from now on.
    pub(crate) async fn feed(&self, filter: Filter, after: Option<i64>) -> Result<Feed, StoreError> {
        let newest = self.newest();
        let last = match after {
            Some(after) => after,
            None => self.read(|connection| last_id(connection)).await?,
        };
        Ok(Feed { store: self.clone(), newest, filter, last })
    }
}

impl Feed {
    /// Waits for the next arrivals. A call that is cancelled loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Arrivals, StoreError> {
        loop {
            self.newest.mark_unchanged();
            let (filter, last) = (self.filter.clone(), self.last);
            let arrivals = self.store.read(move |connection| arrivals(connection, filter, last)).await?;
            self.last = arrivals.last;
            if arrivals.dropped > 0 || !arrivals.items.is_empty() {
                return Ok(arrivals);
            }
            self.newest.changed().await.map_err(|_| StoreError::Stopped)?;
        }
    }
}

/// The highest id that was assigned, also to items that are deleted.
fn last_id(connection: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'items'";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}

fn arrivals(connection: &Connection, filter: Filter, after: i64) -> rusqlite::Result<Arrivals> {
    let newest = last_id(connection)?;
    let oldest: Option<i64> =
        connection.prepare_cached("SELECT min(id) FROM items")?.query_row([], |row| row.get(0))?;
    let dropped =
        if after > 0 { oldest.unwrap_or(newest + 1).saturating_sub(after.saturating_add(1)).max(0) } else { 0 };
    let (condition, values) = filter.after(after).to_sql();
    let columns = Item::COLUMNS;
    let sql = format!(
        "SELECT {columns} FROM items JOIN envelopes USING (id) WHERE {condition} ORDER BY items.id LIMIT {CHUNK}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let items = statement.query_map(params_from_iter(values), Item::from_row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    // Items that do not match are not read again.
    let is_full = items.len() == CHUNK;
    let last = items.last().filter(|_| is_full).map_or(newest.max(after), |item| item.id);
    Ok(Arrivals { dropped: dropped as u64, items, last })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Limits, NewItem};

    fn item(name: &str) -> NewItem {
        NewItem { name: name.into(), raw: "{}".into(), ..NewItem::default() }
    }

    async fn ids(feed: &mut Feed) -> (u64, Vec<i64>) {
        let arrivals = feed.next().await.unwrap();
        (arrivals.dropped, arrivals.items.iter().map(|item| item.id).collect())
    }

    #[tokio::test]
    async fn every_matching_item_is_read_once_in_order() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        store.insert(vec![item("before")]).await.unwrap();
        let mut feed = store.feed(Filter::default().named("a"), None).await.unwrap();
        let names = |number: usize| (0..number).map(|at| item(if at % 2 == 0 { "a" } else { "b" })).collect();
        store.insert(names(2 * CHUNK + 2)).await.unwrap();
        let (first, second) = (ids(&mut feed).await, ids(&mut feed).await);
        assert_eq!((first.0, first.1.len(), second), (0, CHUNK, (0, vec![2 * CHUNK as i64 + 2])));
        assert!(first.1.windows(2).all(|pair| pair[1] == pair[0] + 2));
        let waiting = tokio::spawn(async move { ids(&mut feed).await });
        store.insert(vec![item("b"), item("a")]).await.unwrap();
        assert_eq!(waiting.await.unwrap().1, [2 * CHUNK as i64 + 5]);
        for after in [i64::MIN, i64::MAX] {
            let mut extreme = store.feed(Filter::default(), Some(after)).await.unwrap();
            let next = tokio::time::timeout(std::time::Duration::from_millis(1), ids(&mut extreme)).await;
            assert!(next.is_err() || after == i64::MIN);
        }
        let mut all = store.feed(Filter::default(), Some(0)).await.unwrap();
        assert_eq!(ids(&mut all).await.1[0], 1);
    }

    #[tokio::test]
    async fn items_that_are_deleted_before_a_slow_reader_reads_them_are_counted() {
        let limits = Limits { max_items: 3, ..Limits::default() };
        let store = Store::open(None, limits, 1).unwrap();
        store.insert(vec![item("a")]).await.unwrap();
        let mut feed = store.feed(Filter::default(), Some(1)).await.unwrap();
        store.insert((0..10).map(|_| item("a")).collect()).await.unwrap();
        assert_eq!(ids(&mut feed).await, (7, vec![9, 10, 11]));
        store.insert(vec![item("a")]).await.unwrap();
        store.clear(None, None).await.unwrap();
        assert_eq!(ids(&mut feed).await, (1, vec![]));
        store.insert(vec![item("a")]).await.unwrap();
        assert_eq!(ids(&mut feed).await, (0, vec![13]));
    }

    #[tokio::test]
    async fn position_after_all_ids_has_nothing_to_drop() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        store.insert(vec![item("a")]).await.unwrap();
        for after in [i64::MAX, 7] {
            let found = store.read(move |connection| arrivals(connection, Filter::default(), after)).await.unwrap();
            assert_eq!(found, Arrivals { last: after, ..Arrivals::default() });
        }
    }
}
