//! Cuts texts that the service refuses, as an exporter does before it sends them.

use serde_json::{Map, Value};

use crate::ingest::cut::prefix;
use crate::ingest::rules::{Form, RULES};

/// The lists of objects below an object, with the type of their elements.
const NESTED: [(&str, &str); 2] = [("exceptions", "ExceptionDetails"), ("metrics", "DataPoint")];

/// Cuts the texts of an object of type `on`, and of the objects in its lists, to their limits. Properties are not cut
/// here: the service accepts and cuts them.
pub(crate) fn shorten(on: &str, object: &mut Map<String, Value>) {
    for (field, value) in object.iter_mut() {
        match value {
            Value::String(text) => shorten_text(on, field, text),
            Value::Array(elements) => {
                let below = NESTED.iter().find(|(list, _)| *list == field.as_str()).map(|(_, below)| *below);
                for element in elements.iter_mut().filter_map(Value::as_object_mut) {
                    below.into_iter().for_each(|below| shorten(below, element));
                }
            }
            _ => {}
        }
    }
}

/// Cuts the text of a field to its limit.
pub(crate) fn shorten_text(on: &str, field: &str, text: &mut String) {
    let rule = RULES.iter().find(|rule| rule.on == on && rule.field == field);
    if let Some(Form::Text(limit)) = rule.map(|rule| rule.form) {
        text.truncate(prefix(text, limit).len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_cut_to_the_limits_of_their_fields() {
        let mut data = json!({
            "problemId": "p".repeat(1025), "severityLevel": 3, "own": "o".repeat(40_000),
            "exceptions": [{"typeName": "🎸".repeat(600), "message": "m", "stack": "s".repeat(40_000)}, 7],
            "properties": {"k": "v".repeat(9000)}
        });
        shorten("ExceptionData", data.as_object_mut().unwrap());
        let length = |pointer: &str| data.pointer(pointer).and_then(Value::as_str).unwrap().encode_utf16().count();
        assert_eq!((length("/problemId"), length("/own"), length("/properties/k")), (1024, 40_000, 9000));
        assert_eq!((length("/exceptions/0/typeName"), length("/exceptions/0/stack")), (1024, 32_768));
    }
}
