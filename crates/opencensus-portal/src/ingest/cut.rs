//! Cuts what the service cuts: keys and values of properties beyond their limits.

use serde_json::{Map, Value};

use crate::ingest::rules::{MAX_PROPERTY_KEY, MAX_PROPERTY_VALUE};

/// Cuts the keys of properties and measurements, and the values of properties. Returns whether any was too long. A cut
/// key that another pair has already is dropped.
pub(super) fn cut_properties(data: &mut Map<String, Value>) -> bool {
    let mut is_cut = false;
    for name in ["properties", "measurements"] {
        if let Some(Value::Object(map)) = data.get_mut(name) {
            is_cut |= cut_keys(map);
            for value in map.values_mut() {
                is_cut |= cut_value(value);
            }
        }
    }
    is_cut
}

fn cut_keys(map: &mut Map<String, Value>) -> bool {
    let long: Vec<_> = map.keys().filter(|key| prefix(key, MAX_PROPERTY_KEY).len() < key.len()).cloned().collect();
    for key in &long {
        let value = map.remove(key).unwrap_or_default();
        map.entry(prefix(key, MAX_PROPERTY_KEY)).or_insert(value);
    }
    !long.is_empty()
}

fn cut_value(value: &mut Value) -> bool {
    let Value::String(text) = value else { return false };
    let length = prefix(text, MAX_PROPERTY_VALUE).len();
    let is_cut = length < text.len();
    text.truncate(length);
    is_cut
}

/// The longest prefix of at most `limit` UTF-16 units that ends between characters.
fn prefix(text: &str, limit: usize) -> &str {
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
        assert!(cut_properties(data.as_object_mut().unwrap()));
        assert_eq!(data, json!({"properties": {&key: "a", "c": value, "d": 1}, "measurements": {key: 1.0}}));
        assert!(!cut_properties(data.as_object_mut().unwrap()));
    }
}
