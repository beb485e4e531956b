//! The items of a transaction without their envelopes, which are long to read.

use rusqlite::types::Value;
use rusqlite::{Row, params_from_iter};

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::kind::{ItemKind, KindColumn};

/// The most characters of a name: the messages of log records are long.
const MAX_NAME: usize = 300;

/// An item, as far as the waterfall of its transaction shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outline {
    pub(crate) id: i64,
    pub(crate) kind: ItemKind,
    pub(crate) time: i64,
    pub(crate) received: i64,
    pub(crate) name: String,
    pub(crate) item_id: Option<String>,
    pub(crate) operation_name: Option<String>,
    pub(crate) parent_id: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) duration: Option<i64>,
    pub(crate) success: Option<bool>,
    pub(crate) code: Option<String>,
    /// The number of items that the item represents.
    pub(crate) weight: f64,
    /// 0 (verbose) to 4 (critical).
    pub(crate) severity: Option<i64>,
    /// Whether a request was kept although its parent's span was not sampled.
    pub(crate) is_parent_unsampled: bool,
    /// The property `_MS.links`: a JSON list of spans of other transactions.
    pub(crate) links: Option<String>,
    /// Whether the envelope contains the text that was searched.
    pub(crate) is_found: bool,
}

impl Outline {
    /// The end of a span, and the time of everything else, in microseconds since 1970.
    pub(crate) fn end(&self) -> i64 {
        self.time.saturating_add(self.duration.unwrap_or(0).max(0))
    }

    pub(crate) fn is_failed(&self) -> bool {
        self.success == Some(false) || self.kind == ItemKind::Exception
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get::<_, KindColumn>(1)?.0,
            time: row.get(2)?,
            received: row.get(3)?,
            name: row.get(4)?,
            item_id: row.get(5)?,
            operation_name: row.get(6)?,
            parent_id: row.get(7)?,
            role: row.get(8)?,
            duration: row.get(9)?,
            success: row.get(10)?,
            code: row.get(11)?,
            weight: row.get(12)?,
            severity: row.get(13)?,
            is_parent_unsampled: row.get::<_, Option<bool>>(14)?.unwrap_or(false),
            links: row.get(15)?,
            is_found: row.get::<_, Option<bool>>(16)?.unwrap_or(false),
        })
    }
}

impl Store {
    /// The newest items that match the filter, ordered by time, with a mark on those whose envelope contains `find`. The
    /// case of ASCII letters is ignored.
    pub(crate) async fn outlines(&self, filter: Filter, find: &str, limit: usize) -> Result<Vec<Outline>, StoreError> {
        let find = find.to_ascii_lowercase();
        let items = self.read(move |connection| {
            let (condition, mut values) = filter.to_sql();
            values.insert(0, Value::Text(find));
            let sql = format!(
                "SELECT items.id, kind, time, received, substr(name, 1, {MAX_NAME}), item_id, operation_name, parent_id, \
                    role, duration, success, code, weight, severity, \
                    CASE WHEN instr(raw, 'not_sampled') AND json_valid(raw) \
                        THEN raw ->> '$.data.baseData.properties.parent' = 'not_sampled' END, \
                    CASE WHEN instr(raw, '_MS.links') AND json_valid(raw) \
                        THEN CAST(raw ->> '$.data.baseData.properties.\"_MS.links\"' AS TEXT) END, \
                    instr(lower(raw), ?1) > 0 OR instr(lower(name), ?1) > 0 \
                FROM items JOIN envelopes USING (id) WHERE {condition} ORDER BY items.id DESC LIMIT {limit}"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map(params_from_iter(values), Outline::from_row)?.collect::<rusqlite::Result<Vec<_>>>()
        });
        let mut items = items.await?;
        items.sort_by_key(|item| (item.time, item.id));
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Limits, NewItem};

    fn item(name: &str, time: i64, raw: &str) -> NewItem {
        let operation_id = Some("t".to_owned());
        NewItem { name: name.into(), time, raw: raw.into(), sample_rate: 100.0, operation_id, ..NewItem::default() }
    }

    #[tokio::test]
    async fn outlines_are_ordered_by_time_and_read_what_the_tree_needs_from_the_envelope() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let unsampled = r#"{"data":{"baseData":{"properties":{"parent":"not_sampled","_MS.links":"[]"}}}}"#;
        let elsewhere = r#"{"data":{"baseData":{"name":"not_sampled","properties":{"other":"Oak"}}}}"#;
        let items = vec![item("late", 9, unsampled), item("early", 1, elsewhere), item("odd", 5, "not_sampled {")];
        store.insert(items).await.unwrap();
        let found = store.outlines(Filter::default().of_operation("t"), "oak", 10).await.unwrap();
        let parts: Vec<_> =
            found.iter().map(|item| (item.name.as_str(), item.is_parent_unsampled, item.is_found)).collect();
        assert_eq!(parts, [("early", false, true), ("odd", false, false), ("late", true, false)]);
        assert_eq!(found[2].links.as_deref(), Some("[]"));
        let newest = store.outlines(Filter::default().of_operation("t"), "", 2).await.unwrap();
        assert!(newest.iter().all(|item| item.is_found && item.name != "late"));
    }
}
