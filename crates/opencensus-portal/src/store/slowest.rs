//! The items that took longest.

use rusqlite::params_from_iter;

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::item::Item;

impl Store {
    /// The items that match the filter and took longest, the longest first.
    pub(crate) async fn slowest(&self, filter: Filter, limit: usize) -> Result<Vec<Item>, StoreError> {
        self.read(move |connection| {
            let (condition, values) = filter.to_sql();
            // The envelopes of the few are read after the order is known.
            let sql = format!(
                "SELECT {} FROM (SELECT id AS slow, duration AS took FROM items WHERE duration IS NOT NULL AND {condition}
                ORDER BY duration DESC, id DESC LIMIT {limit})
                JOIN items ON items.id = slow JOIN envelopes USING (id) ORDER BY took DESC, items.id DESC",
                Item::COLUMNS
            );
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map(params_from_iter(values), Item::from_row)?.collect()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Limits, NewItem};

    #[tokio::test]
    async fn slowest_items_come_first() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let item = |duration| NewItem { duration, sample_rate: 100.0, ..NewItem::default() };
        store.insert([Some(5), None, Some(90), Some(40)].map(item).to_vec()).await.unwrap();
        let durations = |filter| async {
            let items: Vec<Item> = store.slowest(filter, 2).await.unwrap();
            items.into_iter().filter_map(|item| item.duration).collect::<Vec<_>>()
        };
        assert_eq!(durations(Filter::default()).await, [90, 40]);
        assert_eq!(durations(Filter::default().of_at_least(5).of_less_than(40)).await, [5]);
    }
}
