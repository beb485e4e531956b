//! How much the store holds.

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::kind::{ItemKind, KindColumn};

/// The items of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct KindUsage {
    pub(crate) kind: ItemKind,
    pub(crate) items: i64,
    /// The bytes that they occupy, about.
    pub(crate) bytes: i64,
}

impl Store {
    /// The items and bytes of each kind, over all runs, the largest first.
    pub(crate) async fn usage(&self) -> Result<Vec<KindUsage>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT kind, count(*), sum(bytes) FROM items GROUP BY kind ORDER BY 3 DESC";
            let mut statement = connection.prepare_cached(sql)?;
            let kinds = statement.query_map([], |row| {
                Ok(KindUsage { kind: row.get::<_, KindColumn>(0)?.0, items: row.get(1)?, bytes: row.get(2)? })
            })?;
            kinds.collect()
        })
        .await
    }
}
