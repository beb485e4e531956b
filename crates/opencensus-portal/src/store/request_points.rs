//! What charts and percentiles need of each request.

use rusqlite::types::ValueRef;
use rusqlite::{Row, params_from_iter};

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::kind::ItemKind;
use crate::store::names::Names;

/// A request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RequestPoint {
    /// When it began, in microseconds since 1970.
    pub(crate) time: i64,
    /// The number of its name.
    pub(crate) operation: usize,
    /// In microseconds.
    pub(crate) duration: Option<i64>,
    pub(crate) failed: bool,
    /// The number of requests that it represents.
    pub(crate) weight: f64,
}

/// Requests in any order.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestPoints {
    pub(crate) names: Names,
    pub(crate) points: Vec<RequestPoint>,
}

impl Store {
    /// The requests that match the filter.
    pub(crate) async fn request_points(&self, filter: Filter) -> Result<RequestPoints, StoreError> {
        self.read(move |connection| {
            let (condition, values) = filter.of_kind(ItemKind::Request).to_sql();
            let sql = format!("SELECT time, name, duration, success, weight FROM items WHERE {condition}");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let mut requests = RequestPoints::default();
            while let Some(row) = rows.next()? {
                let point = point(row, &mut requests.names)?;
                requests.points.push(point);
            }
            Ok(requests)
        })
        .await
    }
}

fn point(row: &Row<'_>, names: &mut Names) -> rusqlite::Result<RequestPoint> {
    Ok(RequestPoint {
        time: row.get(0)?,
        operation: names.number(text(row.get_ref(1)?)),
        duration: row.get(2)?,
        failed: row.get::<_, Option<bool>>(3)? == Some(false),
        weight: row.get(4)?,
    })
}

/// A text without a copy. Empty if the column is null.
pub(super) fn text(value: ValueRef<'_>) -> &str {
    value.as_str().unwrap_or_default()
}
