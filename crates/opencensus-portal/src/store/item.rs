//! A received item.

use std::collections::BTreeMap;

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use crate::store::details::Details;
use crate::store::kind::{ItemKind, KindColumn};

/// A received item.
///
/// # Examples
///
/// ```
/// use opencensus_portal::Item;
///
/// fn summary(item: &Item) -> String {
///     let tenant = item.properties.get("tenant").map_or("-", String::as_str);
///     format!("{} {} of {tenant}", item.kind.as_str(), item.name)
/// }
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Item {
    /// The id of the item in the portal. Later items have higher ids.
    pub id: i64,
    /// The run of the portal that received the item.
    pub run: i64,
    /// The kind of telemetry.
    pub kind: ItemKind,
    /// The time of the envelope, in microseconds since 1970.
    pub time: i64,
    /// The time of reception, in microseconds since 1970.
    pub received: i64,
    /// The name; the message of a log record, the type of an exception, the name of a metric.
    pub name: String,
    /// The span id.
    pub item_id: Option<String>,
    /// The trace id.
    pub operation_id: Option<String>,
    /// The name of the operation, usually that of the request.
    pub operation_name: Option<String>,
    /// The span id of the parent.
    pub parent_id: Option<String>,
    /// The cloud role: the name of the service.
    pub role: Option<String>,
    /// The instance of the role.
    pub role_instance: Option<String>,
    /// The duration in microseconds.
    pub duration: Option<i64>,
    /// Whether the request, call or test succeeded.
    pub success: Option<bool>,
    /// The response code or result code.
    pub code: Option<String>,
    /// The sampling rate in per cent. The item represents `100 / sample_rate` items.
    pub sample_rate: f64,
    /// The URL.
    pub url: Option<String>,
    /// What a dependency calls: a host, a database or a queue.
    pub target: Option<String>,
    /// The type of a dependency, such as `HTTP` or `SQL`.
    pub dependency_type: Option<String>,
    /// What groups exceptions with the same reason.
    pub problem_id: Option<String>,
    /// The id of the user.
    pub user_id: Option<String>,
    /// The location of an availability test.
    pub location: Option<String>,
    /// The name and version of the SDK that sent the item.
    pub sdk: Option<String>,
    /// The message of a log record, an exception or an availability test.
    pub message: Option<String>,
    /// The causes of an exception, each with its type and its message, the nearest first.
    pub causes: Vec<String>,
    /// The severity of a log record or an exception, such as `Warning`.
    pub severity: Option<String>,
    /// The value of a metric.
    pub value: Option<f64>,
    /// The custom properties.
    pub properties: BTreeMap<String, String>,
    /// The custom measurements.
    pub measurements: BTreeMap<String, f64>,
    /// The JSON text of the envelope, as received.
    #[serde(default, skip_serializing)]
    pub raw: String,
}

#[cfg(test)]
impl Item {
    /// An item with this id, received at this microsecond, without anything else.
    pub(crate) fn at(id: i64) -> Self {
        Self {
            id,
            run: 1,
            kind: ItemKind::default(),
            time: id,
            received: id,
            name: String::new(),
            item_id: None,
            operation_id: None,
            operation_name: None,
            parent_id: None,
            role: None,
            role_instance: None,
            duration: None,
            success: None,
            code: None,
            sample_rate: 100.0,
            url: None,
            target: None,
            dependency_type: None,
            problem_id: None,
            user_id: None,
            location: None,
            sdk: None,
            message: None,
            causes: Vec::new(),
            severity: None,
            value: None,
            properties: BTreeMap::new(),
            measurements: BTreeMap::new(),
            raw: String::new(),
        }
    }
}

impl Item {
    pub(super) const COLUMNS: &str = "items.id, run, kind, time, received, name, item_id, operation_id, operation_name, \
        parent_id, role, role_instance, duration, success, code, sample_rate, url, target, type, problem_id, user_id, \
        location, sdk, raw";

    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let raw: String = row.get("raw")?;
        let Details { message, causes, severity, value, properties, measurements } = Details::of(&raw);
        Ok(Self {
            id: row.get(0)?,
            run: row.get(1)?,
            kind: row.get::<_, KindColumn>(2)?.0,
            time: row.get(3)?,
            received: row.get(4)?,
            name: row.get(5)?,
            item_id: row.get(6)?,
            operation_id: row.get(7)?,
            operation_name: row.get(8)?,
            parent_id: row.get(9)?,
            role: row.get(10)?,
            role_instance: row.get(11)?,
            duration: row.get(12)?,
            success: row.get(13)?,
            code: row.get(14)?,
            sample_rate: row.get(15)?,
            url: row.get(16)?,
            target: row.get(17)?,
            dependency_type: row.get(18)?,
            problem_id: row.get(19)?,
            user_id: row.get(20)?,
            location: row.get(21)?,
            sdk: row.get(22)?,
            message,
            causes,
            severity,
            value,
            properties,
            measurements,
            raw,
        })
    }

    /// The number of items that the item represents: `100 / sample_rate`, at most a million.
    #[must_use]
    pub fn weight(&self) -> f64 {
        (100.0 / self.sample_rate).min(1e6)
    }

    /// The parsed envelope. `Null` if it cannot be parsed.
    #[must_use]
    pub fn envelope(&self) -> serde_json::Value {
        serde_json::from_str(&self.raw).unwrap_or_default()
    }
}
