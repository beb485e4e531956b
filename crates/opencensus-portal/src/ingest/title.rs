//! The name of an item of any kind.

use serde_json::{Map, Value};

/// The name by which the pages list an item and filters find it: its own name, the type of an exception or else its
/// message, the name of a metric, the message of a log record.
pub(super) fn title(base: &Map<String, Value>) -> &str {
    let first = |list: &str| base.get(list).and_then(Value::as_array).and_then(|list| list.first());
    let texts = [
        base.get("name"),
        base.get("message"),
        first("exceptions").and_then(|exception| exception.get("typeName")),
        first("exceptions").and_then(|exception| exception.get("message")),
        first("metrics").and_then(|metric| metric.get("name")),
    ];
    texts.into_iter().flatten().filter_map(Value::as_str).find(|text| !text.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_item_has_a_title() {
        for (base, expected) in [
            (json!({ "name": "GET /", "url": "/" }), "GET /"),
            (json!({ "message": "out of stock", "severityLevel": "Error" }), "out of stock"),
            (json!({ "exceptions": [{ "typeName": "shop::Error", "message": "boom" }] }), "shop::Error"),
            (json!({ "exceptions": [{ "typeName": "", "message": "boom" }] }), "boom"),
            (json!({ "metrics": [{ "name": "queue.length", "value": 3 }] }), "queue.length"),
            (json!({ "exceptions": [], "metrics": 7 }), ""),
        ] {
            assert_eq!(title(base.as_object().unwrap()), expected);
        }
    }
}
