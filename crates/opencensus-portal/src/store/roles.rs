//! The roles that reported.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::store::database::Store;
use crate::store::error::StoreError;

/// The most roles that are listed.
const MAX_ROLES: usize = 100;
/// The next role of a run in alphabetical order: one step in the index, however many items the run has.
const NEXT: &str = "SELECT role FROM items INDEXED BY items_by_run WHERE run = ? AND role > ? ORDER BY role LIMIT 1";

impl Store {
    /// The roles of the items of a run, or of all runs, in alphabetical order.
    pub(crate) async fn roles(&self, run: Option<i64>) -> Result<Vec<String>, StoreError> {
        self.read(move |connection| {
            let runs = match run {
                Some(run) => vec![run],
                None => connection
                    .prepare_cached("SELECT id FROM runs")?
                    .query_map([], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?,
            };
            let mut roles = BTreeSet::new();
            for run in runs {
                add_roles(connection, run, &mut roles)?;
            }
            Ok(roles.into_iter().take(MAX_ROLES).collect())
        })
        .await
    }
}

fn add_roles(connection: &Connection, run: i64, roles: &mut BTreeSet<String>) -> rusqlite::Result<()> {
    let mut next = connection.prepare_cached(NEXT)?;
    let mut last = String::new();
    for _ in 0..MAX_ROLES {
        let role: Option<String> = next.query_row(params![run, last], |row| row.get(0)).optional()?;
        let Some(role) = role else { break };
        roles.insert(role.clone());
        last = role;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::new_item::NewItem;
    use crate::store::retention::Limits;

    #[tokio::test]
    async fn roles_are_listed_once_by_run_and_of_all_runs() {
        let store = Store::open(None, Limits::default(), 0).unwrap();
        let item = |role: Option<&str>| NewItem { role: role.map(str::to_owned), ..NewItem::default() };
        store.insert(vec![item(Some("stock")), item(Some("shop")), item(Some("shop")), item(None)]).await.unwrap();
        assert_eq!(store.roles(Some(store.run())).await.unwrap(), ["shop", "stock"]);
        assert_eq!(store.roles(None).await.unwrap(), ["shop", "stock"]);
        assert!(store.roles(Some(store.run() + 1)).await.unwrap().is_empty());
    }
}
