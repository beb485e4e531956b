//! Attributes in OTLP's JSON encoding.

use serde_json::{Value, json};

use crate::store::Item;

/// A list of attributes.
#[derive(Debug, Default)]
pub(super) struct Attributes(Vec<Value>);

impl Attributes {
    /// The properties and measurements of an item.
    pub(super) fn of(item: &Item) -> Self {
        let mut attributes = Self::default();
        for (key, value) in &item.properties {
            attributes.text(key, Some(value));
        }
        for (key, value) in &item.measurements {
            attributes.0.push(json!({"key": key, "value": {"doubleValue": value}}));
        }
        attributes.text("user.id", item.user_id.as_deref());
        if item.sample_rate < 100.0 {
            attributes.0.push(json!({"key": "microsoft.sample_rate", "value": {"doubleValue": item.sample_rate}}));
        }
        attributes
    }

    /// Adds a text, unless it is empty.
    pub(super) fn text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.0.push(json!({"key": key, "value": {"stringValue": value}}));
        }
    }

    /// Adds a whole number, which JSON has as text.
    pub(super) fn number(&mut self, key: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.0.push(json!({"key": key, "value": {"intValue": value.to_string()}}));
        }
    }
}

impl From<Attributes> for Value {
    fn from(attributes: Attributes) -> Self {
        attributes.0.into()
    }
}

/// A time or duration in microseconds as the text of its nanoseconds.
pub(super) fn nanos(micros: i64) -> String {
    (i128::from(micros.max(0)) * 1000).to_string()
}
