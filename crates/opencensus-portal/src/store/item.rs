//! One received item.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, Statement, params};
use serde::{Deserialize, Serialize};

/// What an item tells of.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// An incoming request.
    #[default]
    Request,
    /// An outgoing call.
    Dependency,
    /// A log line.
    Trace,
    /// An error.
    Exception,
    /// Something that happened.
    Event,
    /// A number.
    Metric,
    /// A test from outside.
    Availability,
    /// A page that a browser showed.
    PageView,
    /// How long that took.
    PageViewPerformance,
}

const KINDS: [(Kind, &str, &str); 9] = [
    (Kind::Request, "request", "RequestData"),
    (Kind::Dependency, "dependency", "RemoteDependencyData"),
    (Kind::Trace, "trace", "MessageData"),
    (Kind::Exception, "exception", "ExceptionData"),
    (Kind::Event, "event", "EventData"),
    (Kind::Metric, "metric", "MetricData"),
    (Kind::Availability, "availability", "AvailabilityData"),
    (Kind::PageView, "page_view", "PageViewData"),
    (Kind::PageViewPerformance, "page_view_performance", "PageViewPerformanceData"),
];

impl Kind {
    /// The name in snake case, as the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("request", |(_, name, _)| name)
    }

    /// The kind of an envelope's `baseType`, in any letter case.
    pub(crate) fn of_base_type(base_type: &str) -> Option<Self> {
        let same = |other: &str| other.eq_ignore_ascii_case(base_type);
        if same("PageViewPerfData") {
            return Some(Self::PageViewPerformance);
        }
        KINDS.iter().find(|(.., other)| same(other)).map(|(kind, ..)| *kind)
    }
}

impl ToSql for Kind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        KINDS.iter().find(|(_, other, _)| *other == name).map(|(kind, ..)| *kind).ok_or(FromSqlError::InvalidType)
    }
}

/// One received item.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Item {
    /// Its number in the portal: later items have higher ones.
    pub id: i64,
    /// What it tells of.
    pub kind: Kind,
    /// When it happened, in microseconds since 1970.
    pub time: i64,
    /// When it was received, in microseconds since 1970.
    pub received: i64,
    /// The name, or the message.
    pub name: String,
    /// Its own id in the trace: the span.
    pub item_id: Option<String>,
    /// The trace.
    pub operation_id: Option<String>,
    /// The request's name that it belongs to.
    pub operation_name: Option<String>,
    /// The id of what caused it.
    pub parent_id: Option<String>,
    /// The service.
    pub role: Option<String>,
    /// The machine.
    pub role_instance: Option<String>,
    /// How long it took, in microseconds.
    pub duration: Option<i64>,
    /// Whether it went well.
    pub success: Option<bool>,
    /// The response's or result's code.
    pub code: Option<String>,
    /// The per cent of items that were sent: it stands for `100 / sample_rate` items.
    pub sample_rate: f64,
    /// The URL.
    pub url: Option<String>,
    /// The envelope as it came.
    #[serde(skip_serializing)]
    pub raw: String,
}

/// An item before it has a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NewItem {
    pub(crate) kind: Kind,
    pub(crate) time: i64,
    pub(crate) received: i64,
    pub(crate) name: String,
    pub(crate) item_id: Option<String>,
    pub(crate) operation_id: Option<String>,
    pub(crate) operation_name: Option<String>,
    pub(crate) parent_id: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) role_instance: Option<String>,
    pub(crate) duration: Option<i64>,
    pub(crate) success: Option<bool>,
    pub(crate) code: Option<String>,
    pub(crate) sample_rate: f64,
    pub(crate) url: Option<String>,
    pub(crate) raw: String,
}

impl Item {
    pub(super) const COLUMNS: &str = "id, kind, time, received, name, item_id, operation_id, operation_name, parent_id, \
        role, role_instance, duration, success, code, sample_rate, url, raw";

    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            time: row.get(2)?,
            received: row.get(3)?,
            name: row.get(4)?,
            item_id: row.get(5)?,
            operation_id: row.get(6)?,
            operation_name: row.get(7)?,
            parent_id: row.get(8)?,
            role: row.get(9)?,
            role_instance: row.get(10)?,
            duration: row.get(11)?,
            success: row.get(12)?,
            code: row.get(13)?,
            sample_rate: row.get(14)?,
            url: row.get(15)?,
            raw: row.get(16)?,
        })
    }

    /// The envelope, parsed.
    #[must_use]
    pub fn envelope(&self) -> serde_json::Value {
        serde_json::from_str(&self.raw).unwrap_or_default()
    }
}

impl NewItem {
    pub(super) fn insert(&self, statement: &mut Statement<'_>) -> rusqlite::Result<usize> {
        statement.execute(params![
            self.kind,
            self.time,
            self.received,
            self.name,
            self.item_id,
            self.operation_id,
            self.operation_name,
            self.parent_id,
            self.role,
            self.role_instance,
            self.duration,
            self.success,
            self.code,
            self.sample_rate,
            self.url,
            self.raw,
        ])
    }
}
