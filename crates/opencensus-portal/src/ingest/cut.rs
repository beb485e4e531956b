//! Cuts what the service cuts: keys and values of properties beyond their limits.

use serde_json::{Map, Value};

use crate::ingest::rules::{MAX_PROPERTY_KEY, MAX_PROPERTY_VALUE};

/// The most cuts of one item that are listed.
const MAX_CUTS: usize = 10;

/// A text that was cut.
#[derive(Debug, PartialEq)]
pub(super) struct Cut {
    /// The field, with the type that has it, as in `RequestData.properties.tenant`.
    pub(super) field: String,
    pub(super) reason: String,
}

/// Cuts the keys of properties and measurements, and the values of properties, in the data of type `on`. Returns the
/// first cuts. A cut key that another pair has already is dropped.
pub(super) fn cut_properties(on: &str, data: &mut Map<String, Value>) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for name in ["properties", "measurements"] {
        if let Some(Value::Object(map)) = data.get_mut(name) {
            cut_keys(map, &format!("{on}.{name}"), &mut cuts);
            for (key, value) in map {
                if let Some(length) = cut_value(value) {
                    cuts.push(cut(format!("{on}.{name}.{key}"), "the value", MAX_PROPERTY_VALUE, length));
                }
            }
        }
    }
    cuts.truncate(MAX_CUTS);
    cuts
}

fn cut(field: String, what: &str, limit: usize, length: usize) -> Cut {
    Cut { field, reason: format!("{what} is cut to {limit} characters. Actual: {length}") }
}

fn cut_keys(map: &mut Map<String, Value>, field: &str, cuts: &mut Vec<Cut>) {
    let long: Vec<_> = map.keys().filter(|key| prefix(key, MAX_PROPERTY_KEY).len() < key.len()).cloned().collect();
    for key in &long {
        let (value, short) = (map.remove(key).unwrap_or_default(), prefix(key, MAX_PROPERTY_KEY));
        cuts.push(cut(format!("{field}.{short}"), "the key", MAX_PROPERTY_KEY, key.encode_utf16().count()));
        map.entry(short).or_insert(value);
    }
}

/// Cuts a long text, and returns its length in UTF-16 units.
fn cut_value(value: &mut Value) -> Option<usize> {
    let Value::String(text) = value else { return None };
    let end = prefix(text, MAX_PROPERTY_VALUE).len();
    let length = (end < text.len()).then(|| text.encode_utf16().count());
    text.truncate(end);
    length
}

/// The longest prefix of at most `limit` UTF-16 units that ends between characters.
pub(super) fn prefix(text: &str, limit: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > limit
    });
    end.map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn long_keys_and_values_of_properties_are_cut_between_characters() {
        let (key, value) = ("k".repeat(MAX_PROPERTY_KEY), "v".repeat(MAX_PROPERTY_VALUE - 1));
        let mut data = json!({
            "properties": {format!("{key}1"): "a", format!("{key}2"): "b", "c": format!("{value}🎸"), "d": 1},
            "measurements": {format!("{key}1"): 1.0},
        });
        let cuts = cut_properties("EventData", data.as_object_mut().unwrap());
        let reasons: Vec<_> = cuts.iter().map(|cut| cut.reason.as_str()).collect();
        let of_key = "the key is cut to 150 characters. Actual: 151";
        assert_eq!(reasons, [of_key, of_key, "the value is cut to 8192 characters. Actual: 8193", of_key]);
        assert_eq!(cuts[2].field, "EventData.properties.c");
        assert_eq!(data, json!({"properties": {&key: "a", "c": value, "d": 1}, "measurements": {key: 1.0}}));
        assert_eq!(cut_properties("EventData", data.as_object_mut().unwrap()), []);
    }
}
