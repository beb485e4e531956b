//! The envelope of an item, as Microsoft's exporters write it.

use serde_json::{Map, Value, json};

use crate::ingest::{shorten, shorten_text};
use crate::otlp::attributes::Attributes;
use crate::otlp::time::time;

/// The key of every item: OTLP has none.
const KEY: &str = "00000000-0000-4000-8000-000000000001";

/// The fields of an envelope that items of all kinds have.
#[derive(Clone, Debug, Default)]
pub(super) struct Envelope {
    /// Nanoseconds since 1970.
    pub(super) time: u64,
    pub(super) tags: Map<String, Value>,
    /// The sampling rate in per cent, if the client states it.
    pub(super) sample_rate: Option<f64>,
}

/// An item, and whether it stands for the record itself rather than for an event of it.
#[derive(Debug)]
pub(super) struct Mapped {
    pub(super) envelope: Value,
    pub(super) is_record: bool,
}

impl Envelope {
    /// Sets the time to the first of these that is not 0.
    pub(super) fn at(&mut self, times: &[u64]) {
        self.time = times.iter().copied().find(|time| *time != 0).unwrap_or(self.time);
    }

    /// Adds a tag, if there is a value. A long value is cut.
    pub(super) fn tag(&mut self, name: &str, value: Option<String>) {
        if let Some(mut value) = value {
            shorten_text("ContextTagKeys", name, &mut value);
            self.tags.insert(name.to_owned(), value.into());
        }
    }

    /// Adds the data of an item, such as `RequestData`. Its fields are `base`, the measurements and the properties in the
    /// attributes; fields that are `null` are left out, and long texts are cut.
    pub(super) fn with(self, base_type: &str, base: Value, mut attributes: Attributes) -> Value {
        let mut data = Map::new();
        data.insert("ver".to_owned(), 2.into());
        if let Value::Object(base) = base {
            data.extend(base.into_iter().filter(|(_, value)| !value.is_null()));
        }
        shorten(base_type, &mut data);
        let measurements = attributes.remove("microsoft.custom_measurements").map(measurements).unwrap_or_default();
        if !measurements.is_empty() {
            data.insert("measurements".to_owned(), measurements.into());
        }
        let mut properties = attributes.into_properties();
        if let Some(Value::Object(own)) = data.remove("properties") {
            properties.extend(own);
        }
        data.insert("properties".to_owned(), properties.into());
        let kind = base_type.trim_end_matches("Data");
        let mut envelope = json!({
            "ver": 1, "name": format!("Microsoft.ApplicationInsights.{kind}"), "time": time(self.time), "iKey": KEY,
            "tags": self.tags, "data": {"baseType": base_type, "baseData": data}
        });
        if let Some(rate) = self.sample_rate {
            envelope["sampleRate"] = rate.into();
        }
        envelope
    }
}

/// The numbers of a map, or of the JSON text of one.
fn measurements(value: Value) -> Map<String, Value> {
    let map = match value {
        Value::String(text) => serde_json::from_str(&text).unwrap_or_default(),
        value => value,
    };
    let Value::Object(map) = map else { return Map::new() };
    map.into_iter().filter(|(key, value)| !key.is_empty() && value.is_number()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;

    #[test]
    fn envelope_has_name_time_tags_properties_and_measurements() {
        let mut envelope = Envelope { time: 1_709_618_828_000_000_000, sample_rate: Some(25.0), ..Envelope::default() };
        envelope.tag("ai.cloud.role", Some("shop".to_owned()));
        envelope.tag("ai.user.id", None);
        let attributes = Attributes::new(list(json!({
            "a": 1, "microsoft.custom_measurements": "{\"n\": 1.5, \"t\": \"2\", \"\": 1}"
        })));
        let base = json!({"name": "n", "url": null, "properties": {"own": "x"}});
        let expected = json!({
            "ver": 1, "name": "Microsoft.ApplicationInsights.RemoteDependency", "time": "2024-03-05T06:07:08.0000000Z",
            "iKey": KEY, "sampleRate": 25.0, "tags": {"ai.cloud.role": "shop"},
            "data": {"baseType": "RemoteDependencyData", "baseData": {
                "ver": 2, "name": "n", "properties": {"a": "1", "own": "x"}, "measurements": {"n": 1.5}
            }}
        });
        assert_eq!(envelope.with("RemoteDependencyData", base, attributes), expected);
    }

    #[test]
    fn measurements_of_another_form_are_left_out() {
        for value in [json!("{"), json!("[1]"), json!(7), json!({"a": "1"})] {
            assert!(measurements(value).is_empty());
        }
        assert_eq!(Value::from(measurements(json!({"a": 1, "b": true}))), json!({"a": 1}));
    }
}
