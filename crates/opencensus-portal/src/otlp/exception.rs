//! Exceptions of spans and logs.

use serde_json::{Value, json};

use crate::otlp::attributes::Attributes;

/// Whether the attributes describe an exception.
pub(super) fn is_exception(attributes: &Attributes) -> bool {
    attributes.has(&["exception.type", "exception.message"])
}

/// The data of an exception. `message` comes before the message of the exception.
pub(super) fn fields(attributes: &mut Attributes, message: Option<String>, severity: Option<u8>) -> Value {
    let kind = attributes.take(&["exception.type"]).unwrap_or_else(|| "Exception".to_owned());
    let message = match message {
        // Otherwise the message of the exception stays a property.
        Some(message) => {
            attributes.drop_parts_of(&message, &["exception.message"]);
            message
        }
        None => attributes.take(&["exception.message"]).unwrap_or_else(|| kind.clone()),
    };
    let stack = attributes.take(&["exception.stacktrace"]);
    let mut exception = json!({"typeName": kind, "message": message, "hasFullStack": stack.is_some()});
    if let Some(stack) = stack {
        exception["stack"] = stack.into();
    }
    json!({"exceptions": [exception], "severityLevel": severity})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;

    #[test]
    fn exception_has_type_message_and_stack() {
        for (pairs, message, expected, rest) in [
            (
                json!({"exception.type": "E", "exception.message": "m", "exception.stacktrace": "at f", "a": 1}),
                None,
                json!({"typeName": "E", "message": "m", "hasFullStack": true, "stack": "at f"}),
                json!({"a": "1"}),
            ),
            (
                json!({"exception.type": "E"}),
                None,
                json!({"typeName": "E", "message": "E", "hasFullStack": false}),
                json!({}),
            ),
            (
                json!({}),
                None,
                json!({"typeName": "Exception", "message": "Exception", "hasFullStack": false}),
                json!({}),
            ),
            (
                json!({"exception.type": "E", "exception.message": "m"}),
                Some("order failed"),
                json!({"typeName": "E", "message": "order failed", "hasFullStack": false}),
                json!({"exception.message": "m"}),
            ),
            (
                json!({"exception.type": "E", "exception.message": "m"}),
                Some("failed: m"),
                json!({"typeName": "E", "message": "failed: m", "hasFullStack": false}),
                json!({}),
            ),
        ] {
            let mut attributes = Attributes::new(list(pairs));
            let fields = fields(&mut attributes, message.map(str::to_owned), Some(3));
            assert_eq!(fields, json!({"exceptions": [expected], "severityLevel": 3}));
            assert_eq!(Value::from(attributes.into_properties()), rest);
        }
    }
}
