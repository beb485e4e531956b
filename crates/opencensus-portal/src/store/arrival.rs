//! Reads items in the order of their arrival.

use rusqlite::params_from_iter;

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::item::Item;

impl Store {
    /// The oldest items that match the filter, oldest first.
    pub(crate) async fn oldest(&self, filter: Filter, limit: usize) -> Result<Vec<Item>, StoreError> {
        self.read(move |connection| {
            let (condition, values) = filter.to_sql();
            let sql = format!(
                "SELECT {} FROM items JOIN envelopes USING (id) WHERE {condition} ORDER BY items.id LIMIT {limit}",
                Item::COLUMNS
            );
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map(params_from_iter(values), Item::from_row)?.collect()
        })
        .await
    }

    /// The ids and envelopes of the oldest items that match the filter, oldest first.
    pub(crate) async fn envelopes(&self, filter: Filter, limit: usize) -> Result<Vec<(i64, String)>, StoreError> {
        self.read(move |connection| {
            let (condition, values) = filter.to_sql();
            let sql = format!(
                "SELECT items.id, raw FROM items JOIN envelopes USING (id) WHERE {condition} ORDER BY items.id
                LIMIT {limit}"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .await
    }
}
