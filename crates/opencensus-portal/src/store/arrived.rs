//! What arrived instead of the items that a filter matches.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::{Filter, Shown};
use crate::store::kind::{ItemKind, KindColumn};

/// The most groups of items that a report lists.
const MAX_GROUPS: usize = 20;
/// The most values that a report lists for a condition.
const MAX_VALUES: usize = 3;

/// Items of one kind that have the same name and the same code.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ItemGroup {
    /// The kind of telemetry.
    pub kind: ItemKind,
    /// The name; the message of a log record, the type of an exception, the name of a metric.
    pub name: String,
    /// The response code or result code.
    pub code: Option<String>,
    /// The number of items.
    pub count: u64,
}

/// What a store holds, compared with a filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Arrived {
    /// The number of all items.
    pub(crate) total: u64,
    /// The largest groups of all items.
    pub(crate) groups: Vec<ItemGroup>,
    /// Items that match all conditions but one, each as a sentence.
    pub(crate) near_misses: Vec<String>,
}

impl Store {
    /// Lists what arrived, and which items match all conditions of the filter but one.
    pub(crate) async fn arrived(&self, filter: Filter) -> Result<Arrived, StoreError> {
        self.read(move |connection| {
            let total = connection.query_row("SELECT count(*) FROM items", [], |row| row.get::<_, i64>(0))?;
            Ok(Arrived {
                total: total as u64,
                groups: groups(connection)?,
                near_misses: near_misses(connection, &filter)?,
            })
        })
        .await
    }
}

fn groups(connection: &Connection) -> rusqlite::Result<Vec<ItemGroup>> {
    let sql = format!(
        "SELECT kind, name, code, count(*) FROM items GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT {MAX_GROUPS}"
    );
    let mut statement = connection.prepare(&sql)?;
    let groups = statement.query_map([], |row| {
        let (kind, count) = (row.get::<_, KindColumn>(0)?.0, row.get::<_, i64>(3)? as u64);
        Ok(ItemGroup { kind, name: row.get(1)?, code: row.get(2)?, count })
    })?;
    groups.collect()
}

fn near_misses(connection: &Connection, filter: &Filter) -> rusqlite::Result<Vec<String>> {
    let mut near_misses = Vec::new();
    for (column, others) in filter.relaxed().into_iter().filter(|(_, others)| !others.is_empty()) {
        let (condition, values) = others.to_sql();
        let sql = format!(
            "SELECT {column}, count(*) FROM items WHERE {condition} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MAX_VALUES}"
        );
        let mut statement = connection.prepare(&sql)?;
        let found = statement.query_map(params_from_iter(values), |row| {
            let (value, count): (Value, i64) = (row.get(0)?, row.get(1)?);
            let has = if count == 1 { "has" } else { "have" };
            Ok(format!("{count} of the {others} {has} {column} = {}", Shown(&value)))
        })?;
        near_misses.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    Ok(near_misses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Limits, NewItem};

    fn item(name: &str, code: &str) -> NewItem {
        NewItem { name: name.into(), code: Some(code.into()), raw: "{}".into(), ..NewItem::default() }
    }

    #[tokio::test]
    async fn items_that_match_all_conditions_but_one_are_listed_with_their_value() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        store.insert(vec![item("GET /x", "200"), item("GET /x", "200"), item("GET /y", "500")]).await.unwrap();
        let arrived = store.arrived(Filter::requests().named("GET /x").status(500)).await.unwrap();
        assert_eq!(arrived.total, 3);
        let groups: Vec<_> = arrived.groups.iter().map(|group| (group.name.as_str(), group.count)).collect();
        assert_eq!(groups, [("GET /x", 2), ("GET /y", 1)]);
        assert_eq!(
            arrived.near_misses,
            [
                "1 of the request items with code = 500 has name = GET /y",
                "2 of the request items named `GET /x` have code = 200",
            ]
        );
    }
}
