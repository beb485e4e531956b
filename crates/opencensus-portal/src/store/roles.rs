//! The roles that reported.

use rusqlite::params_from_iter;

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;

/// The most roles that are listed.
const MAX_ROLES: usize = 100;

impl Store {
    /// The roles of the items that match the filter, in alphabetical order.
    pub(crate) async fn roles(&self, filter: Filter) -> Result<Vec<String>, StoreError> {
        self.read(move |connection| {
            let (condition, values) = filter.to_sql();
            let sql = format!(
                "SELECT DISTINCT role FROM items WHERE role <> '' AND {condition} ORDER BY role LIMIT {MAX_ROLES}"
            );
            connection.prepare_cached(&sql)?.query_map(params_from_iter(values), |row| row.get(0))?.collect()
        })
        .await
    }
}
