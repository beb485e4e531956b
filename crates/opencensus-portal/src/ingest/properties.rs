//! Converts the values of properties to texts.

use serde_json::{Map, Value};

/// Converts the values of properties that are not texts: the schema maps names to texts, and clients in languages without
/// static types send numbers and switches. Returns whether there were any. `null` stays.
pub(super) fn convert_to_text(data: &mut Map<String, Value>) -> bool {
    let Some(Value::Object(properties)) = data.get_mut("properties") else { return false };
    let mut is_converted = false;
    for value in properties.values_mut().filter(|value| !value.is_string() && !value.is_null()) {
        *value = Value::String(value.to_string());
        is_converted = true;
    }
    is_converted
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_of_properties_become_texts() {
        let mut data = json!({"properties": {"a": 1, "b": true, "c": 0.5, "d": {"e": [1]}, "f": null, "g": "1"}});
        assert!(convert_to_text(data.as_object_mut().unwrap()));
        let expected = json!({"a": "1", "b": "true", "c": "0.5", "d": "{\"e\":[1]}", "f": null, "g": "1"});
        assert_eq!(data, json!({"properties": expected}));
        assert!(!convert_to_text(data.as_object_mut().unwrap()));
        for mut data in [json!({"properties": null}), json!({}), json!({"properties": [1]})] {
            assert!(!convert_to_text(data.as_object_mut().unwrap()));
        }
    }
}
