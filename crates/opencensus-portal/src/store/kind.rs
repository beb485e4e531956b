//! Kinds of telemetry.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

/// The kind of an item.
///
/// # Examples
///
/// ```
/// use opencensus_portal::{Filter, ItemKind};
///
/// assert_eq!(ItemKind::PageView.as_str(), "page_view");
/// let exceptions = Filter::default().of_kind(ItemKind::Exception);
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ItemKind {
    /// An incoming request.
    #[default]
    Request,
    /// An outgoing call.
    Dependency,
    /// A log record.
    Trace,
    /// An error or a panic.
    Exception,
    /// A custom event.
    Event,
    /// A value of a metric.
    Metric,
    /// The result of an availability test.
    Availability,
    /// A page view in a browser.
    PageView,
    /// The load times of a page view.
    PageViewPerformance,
}

const KINDS: [(ItemKind, &str, &str); 9] = [
    (ItemKind::Request, "request", "RequestData"),
    (ItemKind::Dependency, "dependency", "RemoteDependencyData"),
    (ItemKind::Trace, "trace", "MessageData"),
    (ItemKind::Exception, "exception", "ExceptionData"),
    (ItemKind::Event, "event", "EventData"),
    (ItemKind::Metric, "metric", "MetricData"),
    (ItemKind::Availability, "availability", "AvailabilityData"),
    (ItemKind::PageView, "page_view", "PageViewData"),
    (ItemKind::PageViewPerformance, "page_view_performance", "PageViewPerformanceData"),
];

impl ItemKind {
    /// All kinds.
    pub(crate) const ALL: [Self; 9] = {
        let mut all = [Self::Request; 9];
        let mut at = 0;
        while at < all.len() {
            all[at] = KINDS[at].0;
            at += 1;
        }
        all
    };

    /// The name in snake case, as in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("request", |(_, name, _)| name)
    }

    /// The kind with this name in snake case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, other, _)| *other == name).map(|(kind, ..)| *kind)
    }

    /// The names of all kinds.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|(_, name, _)| *name)
    }

    /// The type in the schema.
    pub(crate) fn schema_type(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("RequestData", |(.., name)| name)
    }

    /// The kind of an envelope's `baseType`, without regard to letter case.
    pub(crate) fn from_base_type(base_type: &str) -> Option<Self> {
        let is_same = |other: &str| other.eq_ignore_ascii_case(base_type);
        if is_same("PageViewPerfData") {
            return Some(Self::PageViewPerformance);
        }
        KINDS.iter().find(|(.., other)| is_same(other)).map(|(kind, ..)| *kind)
    }
}

/// A kind as a column of the database, so that the public type implements no trait of rusqlite.
pub(super) struct KindColumn(pub(super) ItemKind);

impl ToSql for KindColumn {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_str().into())
    }
}

impl FromSql for KindColumn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        ItemKind::from_name(value.as_str()?).map(Self).ok_or(FromSqlError::InvalidType)
    }
}
