//! The results of availability tests.

use rusqlite::types::Value;
use rusqlite::{Row, params_from_iter};

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::kind::ItemKind;
use crate::store::names::Names;
use crate::store::timings::text;

/// A result. The texts are numbers of names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TestResult {
    /// The id of the item.
    pub(crate) id: i64,
    /// When the test began, in microseconds since 1970.
    pub(crate) time: i64,
    pub(crate) test: usize,
    pub(crate) location: usize,
    /// In microseconds.
    pub(crate) duration: Option<i64>,
    pub(crate) failed: bool,
    /// The number of results that it represents.
    pub(crate) weight: f64,
}

/// Results, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestResults {
    pub(crate) names: Names,
    pub(crate) list: Vec<TestResult>,
}

impl Filter {
    /// Matches the items with these ids.
    pub(crate) fn with_ids(self, ids: &[i64]) -> Self {
        let ids = Value::Text(serde_json::json!(ids).to_string());
        self.and("items.id IN (SELECT value FROM json_each(?))", ids)
    }
}

impl Store {
    /// The results of availability tests that match the filter.
    pub(crate) async fn test_results(&self, filter: Filter) -> Result<TestResults, StoreError> {
        self.read(move |connection| {
            let (condition, values) = filter.of_kind(ItemKind::Availability).to_sql();
            let sql =
                format!("SELECT id, time, name, location, duration, success, weight FROM items WHERE {condition}");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let mut results = TestResults::default();
            while let Some(row) = rows.next()? {
                let result = result(row, &mut results.names)?;
                results.list.push(result);
            }
            results.list.sort_by_key(|result| (result.time, result.id));
            Ok(results)
        })
        .await
    }
}

fn result(row: &Row<'_>, names: &mut Names) -> rusqlite::Result<TestResult> {
    Ok(TestResult {
        id: row.get(0)?,
        time: row.get(1)?,
        test: names.number(text(row.get_ref(2)?)),
        location: names.number(text(row.get_ref(3)?)),
        duration: row.get(4)?,
        failed: row.get::<_, Option<bool>>(5)? == Some(false),
        weight: row.get(6)?,
    })
}
