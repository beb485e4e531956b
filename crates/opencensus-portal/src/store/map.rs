//! Which roles received requests, and which roles and targets they called.

use std::collections::HashMap;

use rusqlite::types::Value;
use rusqlite::{Row, Transaction, params_from_iter};

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::names::Names;
use crate::store::timings::text;

/// What a map is made of. All texts are numbers of names.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallMap {
    pub(crate) names: Names,
    pub(crate) requests: Vec<Reception>,
    pub(crate) page_views: Vec<Reception>,
    pub(crate) calls: Vec<Call>,
}

/// A request that a role received, or a page view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reception {
    pub(crate) role: usize,
    /// In microseconds.
    pub(crate) duration: Option<i64>,
    pub(crate) failed: bool,
    pub(crate) weight: f64,
}

/// What calls: a role, or the pages of a role in browsers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Caller {
    pub(crate) role: usize,
    pub(crate) is_browser: bool,
}

/// A call of a role.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) from: Caller,
    /// The type, such as `HTTP`.
    pub(crate) kind: usize,
    pub(crate) target: usize,
    /// The role that received a request as the child of this call.
    pub(crate) reached: Option<usize>,
    /// In microseconds.
    pub(crate) duration: Option<i64>,
    pub(crate) failed: bool,
    pub(crate) weight: f64,
}

/// The roles that received a request, by the id of its operation and the id of its parent.
type Children = HashMap<String, Vec<usize>>;

impl Filter {
    /// Matches items of this role; those without a role if it is empty.
    pub(crate) fn of_role(self, role: &str) -> Self {
        self.and("coalesce(role, '') = ?", role.to_owned())
    }

    /// Matches calls of a target with this type.
    pub(crate) fn of_target(self, kind: &str, target: &str) -> Self {
        let values = vec![Value::Text(kind.to_owned()), Value::Text(target.to_owned())];
        self.and_sql("coalesce(type, '') = ? AND coalesce(target, '') = ?", values)
    }
}

impl Store {
    /// The requests, page views and calls that match the filter. Calls within a process are left out.
    pub(crate) async fn call_map(&self, filter: Filter) -> Result<CallMap, StoreError> {
        self.read(move |connection| {
            let (mut map, mut children) = (CallMap::default(), Children::new());
            receptions(connection, &filter, &mut map, &mut children)?;
            calls(connection, &filter, &mut map, &children)?;
            Ok(map)
        })
        .await
    }
}

fn receptions(
    connection: &Transaction<'_>,
    filter: &Filter,
    map: &mut CallMap,
    children: &mut Children,
) -> rusqlite::Result<()> {
    let (condition, values) = filter.to_sql();
    let sql = format!(
        "SELECT role, duration, success, weight, kind, operation_id, parent_id FROM items
        WHERE kind IN ('request', 'page_view') AND {condition}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut key = String::new();
    while let Some(row) = rows.next()? {
        let reception = Reception {
            role: map.names.number(text(row.get_ref(0)?)),
            duration: row.get(1)?,
            failed: row.get::<_, Option<bool>>(2)? == Some(false),
            weight: row.get(3)?,
        };
        if text(row.get_ref(4)?) != "request" {
            map.page_views.push(reception);
            continue;
        }
        map.requests.push(reception);
        if write_key(&mut key, row, 5)? {
            let roles = children.entry(key.clone()).or_default();
            if !roles.contains(&reception.role) {
                roles.push(reception.role);
            }
        }
    }
    Ok(())
}

fn calls(
    connection: &Transaction<'_>,
    filter: &Filter,
    map: &mut CallMap,
    children: &Children,
) -> rusqlite::Result<()> {
    let (condition, values) = filter.to_sql();
    let sql = format!(
        "SELECT role, sdk, type, target, duration, success, weight, operation_id, item_id FROM items
        WHERE kind = 'dependency' AND coalesce(type, '') || ' |' NOT LIKE 'InProc |%' AND {condition}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut key = String::new();
    while let Some(row) = rows.next()? {
        let call = call(row, &mut map.names)?;
        let reached = if write_key(&mut key, row, 7)? { children.get(&key) } else { None };
        match reached {
            // A message may have several receivers.
            Some(roles) => map.calls.extend(roles.iter().map(|role| Call { reached: Some(*role), ..call })),
            None => map.calls.push(call),
        }
    }
    Ok(())
}

fn call(row: &Row<'_>, names: &mut Names) -> rusqlite::Result<Call> {
    let role = names.number(text(row.get_ref(0)?));
    Ok(Call {
        // As in `javascript:3.4.4`, also behind a prefix of one letter and `_`.
        from: Caller { role, is_browser: text(row.get_ref(1)?).contains("javascript:") },
        kind: names.number(text(row.get_ref(2)?)),
        target: names.number(text(row.get_ref(3)?)),
        reached: None,
        duration: row.get(4)?,
        failed: row.get::<_, Option<bool>>(5)? == Some(false),
        weight: row.get(6)?,
    })
}

/// Writes the operation id and the span id from two columns of a row. Returns whether there are both.
fn write_key(key: &mut String, row: &Row<'_>, column: usize) -> rusqlite::Result<bool> {
    let (operation, span) = (text(row.get_ref(column)?), span_id(text(row.get_ref(column + 1)?)));
    key.clear();
    key.push_str(operation);
    key.push('\n');
    key.push_str(span);
    Ok(!operation.is_empty() && !span.is_empty())
}

/// The span id in an id of the form `|trace.span.`, which classic SDKs send, or the whole id.
fn span_id(id: &str) -> &str {
    let parts = id.strip_prefix('|').map(|parts| parts.trim_end_matches(['.', '_']));
    parts.and_then(|parts| parts.rsplit('.').next()).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{ItemKind, Limits, NewItem};

    fn item(kind: ItemKind, role: &str, ids: (&str, &str), (dependency_type, target): (&str, &str)) -> NewItem {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        NewItem {
            kind,
            role: text(role),
            operation_id: Some("t".into()),
            item_id: text(ids.0),
            parent_id: text(ids.1),
            dependency_type: text(dependency_type),
            target: text(target),
            sample_rate: 100.0,
            ..NewItem::default()
        }
    }

    async fn reached(items: Vec<NewItem>) -> Vec<(String, Option<String>)> {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        store.insert(items).await.unwrap();
        let map = store.call_map(Filter::default()).await.unwrap();
        let name = |number: usize| map.names.text(number).to_owned();
        map.calls.iter().map(|call| (name(call.target), call.reached.map(name))).collect()
    }

    #[tokio::test]
    async fn call_reaches_the_role_whose_request_is_its_child() {
        use ItemKind::{Dependency, Request};
        let items = vec![
            item(Dependency, "front", ("1", "0"), ("HTTP", "orders:80")),
            item(Request, "orders", ("2", "1"), ("", "")),
            item(Dependency, "front", ("|t.3.", "0"), ("HTTP", "stock:80")),
            item(Request, "stock", ("4", "3"), ("", "")),
            item(Dependency, "front", ("5", "0"), ("Queue", "events")),
            item(Request, "mail", ("6", "|t.5."), ("", "")),
            item(Request, "audit", ("7", "5"), ("", "")),
            NewItem { operation_id: Some("u".into()), ..item(Request, "other", ("9", "8"), ("", "")) },
            item(Dependency, "front", ("8", "0"), ("SQL", "db")),
            item(Dependency, "front", ("", "0"), ("", "")),
        ];
        let pair = |target: &str, role: Option<&str>| (target.to_owned(), role.map(str::to_owned));
        assert_eq!(
            reached(items).await,
            [
                pair("orders:80", Some("orders")),
                pair("stock:80", Some("stock")),
                pair("events", Some("mail")),
                pair("events", Some("audit")),
                pair("db", None),
                pair("", None),
            ]
        );
    }

    #[tokio::test]
    async fn calls_within_a_process_are_left_out() {
        let calls = ["InProc", "InProc | Microsoft.Storage", "InProcess", "HTTP"]
            .map(|kind| item(ItemKind::Dependency, "front", ("1", ""), (kind, kind)));
        let targets: Vec<_> = reached(calls.to_vec()).await.into_iter().map(|(target, _)| target).collect();
        assert_eq!(targets, ["InProcess", "HTTP"]);
    }

    #[test]
    fn span_ids_of_all_forms_are_compared() {
        for (id, expected) in [("abc", "abc"), ("|t.s.", "s"), ("|t.s_", "s"), ("|t", "t"), ("a.b", "a.b"), ("|", "")] {
            assert_eq!(span_id(id), expected, "{id}");
        }
    }
}
