//! Attributes by OpenTelemetry's conventions, the current names and the older ones.

use serde_json::{Map, Value};

use crate::otlp::message::KeyValue;
use crate::otlp::value;

/// The most attributes of a record. SDKs allow 128.
const MAX_ATTRIBUTES: usize = 1024;

/// The attributes of an item. Fields and tags take what they hold; the rest becomes properties.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes(Map<String, Value>);

impl Attributes {
    /// The last value of a key wins. Attributes without a value, and those beyond the first 1024, are left out.
    pub(super) fn new(mut list: Vec<KeyValue>) -> Self {
        list.truncate(MAX_ATTRIBUTES);
        let mut map = value::object(list);
        map.retain(|key, value| !key.trim().is_empty() && !value.is_null());
        Self(map)
    }

    /// The text of the first of these keys whose text is not blank.
    pub(super) fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.text_of(key))
    }

    fn text_of(&self, key: &str) -> Option<String> {
        let text = value::text(self.0.get(key)?.clone());
        (!text.trim().is_empty()).then_some(text)
    }

    pub(super) fn has(&self, keys: &[&str]) -> bool {
        self.text(keys).is_some()
    }

    /// As [`text`](Self::text), for a field that holds the text: the attributes with this text are no properties.
    pub(super) fn take(&mut self, keys: &[&str]) -> Option<String> {
        let text = self.text(keys)?;
        self.drop_where(keys, |other| *other == text);
        Some(text)
    }

    /// As [`take`](Self::take), for a field of `limit` UTF-16 units. An attribute with a longer text is a property, too.
    pub(super) fn take_within(&mut self, limit: usize, keys: &[&str]) -> Option<String> {
        let text = self.text(keys)?;
        if text.len() <= limit || text.encode_utf16().count() <= limit {
            self.drop_where(keys, |other| *other == text);
        }
        Some(text)
    }

    /// Drops the attributes whose text is a part of a text that a field holds.
    pub(super) fn drop_parts_of(&mut self, text: &str, keys: &[&str]) {
        self.drop_where(keys, |part| text.contains(part.as_str()));
    }

    /// Removes an attribute and returns its value.
    pub(super) fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key)
    }

    fn drop_where(&mut self, keys: &[&str], is_held: impl Fn(&String) -> bool) {
        for key in keys {
            if self.text_of(key).as_ref().is_some_and(&is_held) {
                self.0.remove(*key);
            }
        }
    }

    /// The remaining attributes as texts, without those that Microsoft's exporters use for themselves.
    pub(super) fn into_properties(self) -> Map<String, Value> {
        let own = self.0.into_iter().filter(|(key, _)| !key.starts_with("_MS."));
        own.map(|(key, value)| (key, value::text(value).into())).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::otlp::message::{AnyValue, Kind};
    use serde_json::json;

    /// Attributes with texts and numbers.
    pub(crate) fn list(pairs: Value) -> Vec<KeyValue> {
        let kind = |value: &Value| match value {
            Value::String(text) => Kind::Text(text.clone()),
            Value::Bool(flag) => Kind::Flag(*flag),
            value => value.as_i64().map_or_else(|| Kind::Double(value.as_f64().unwrap()), Kind::Integer),
        };
        let pair = |(key, value): (&String, &Value)| KeyValue {
            key: key.clone(),
            value: Some(AnyValue { kind: Some(kind(value)) }),
        };
        pairs.as_object().unwrap().iter().map(pair).collect()
    }

    #[test]
    fn attribute_is_no_property_if_a_field_holds_its_value() {
        let mut attributes = Attributes::new(list(json!({
            "http.method": "GET", "http.request.method": "GET", "db.statement": "select 1", "db.query.text": "select 2",
            "url.full": "12345", "n": 7, "blank": " ", "_MS.x": "y"
        })));
        assert_eq!(attributes.take(&["blank", "http.request.method", "http.method"]).as_deref(), Some("GET"));
        assert_eq!(attributes.take(&["db.query.text", "db.statement"]).as_deref(), Some("select 2"));
        assert_eq!(attributes.take_within(4, &["url.full"]).as_deref(), Some("12345"));
        assert_eq!(attributes.text(&["n"]).as_deref(), Some("7"));
        assert!(!attributes.has(&["blank"]) && attributes.take(&["none"]).is_none());
        let rest = json!({"db.statement": "select 1", "url.full": "12345", "n": "7", "blank": " "});
        assert_eq!(Value::from(attributes.into_properties()), rest);
    }

    #[test]
    fn attributes_without_key_or_value_are_left_out() {
        let without_value = KeyValue { key: "a".into(), value: None };
        let empty = KeyValue { key: "b".into(), value: Some(AnyValue { kind: None }) };
        let list = [vec![without_value, empty], list(json!({"": 1, " ": 2}))].concat();
        assert!(Attributes::new(list).into_properties().is_empty());
    }
}
