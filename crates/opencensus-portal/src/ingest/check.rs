//! Applies the rules to an envelope and to the objects in it.

use serde_json::{Map, Value};

use crate::ingest::defect::Defect;
use crate::ingest::rules::RULES;

/// The lists of objects below an object: the type that has the list, the field, and the type of its elements.
const NESTED: [(&str, &str, &str); 3] = [
    ("ExceptionData", "exceptions", "ExceptionDetails"),
    ("ExceptionDetails", "parsedStack", "StackFrame"),
    ("MetricData", "metrics", "DataPoint"),
];

/// Applies the rules of type `on` to an object, and those of the types below it to its lists.
///
/// # Errors
///
/// The reason for the refusal.
pub(super) fn check(on: &str, object: &Map<String, Value>) -> Result<(), Defect> {
    for rule in RULES.iter().filter(|rule| rule.on == on) {
        rule.check(object.get(rule.field))?;
    }
    for (_, field, below) in NESTED.iter().filter(|(above, ..)| *above == on) {
        let list = object.get(*field).and_then(Value::as_array);
        for element in list.into_iter().flatten().filter_map(Value::as_object) {
            check(below, element)?;
        }
    }
    check_measurements(on, object)
}

/// Measurements are numbers, or `null`.
fn check_measurements(on: &str, object: &Map<String, Value>) -> Result<(), Defect> {
    let measurements = object.get("measurements").and_then(Value::as_object);
    let is_wrong = |value: &&Value| !value.is_number() && !value.is_null();
    match measurements.and_then(|map| map.values().find(is_wrong)) {
        Some(_) => Err(Defect::of_field("106", on, "measurements", "of incorrect type. Expected: double")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::rules::{Form, Rule};
    use serde_json::json;

    /// Objects that no rule refuses, by type.
    fn valid(on: &str) -> Map<String, Value> {
        let object = match on {
            "Envelope" => json!({"name": "n", "time": "2024-03-05T06:07:08Z", "iKey": "k"}),
            "RequestData" => json!({"id": "1", "duration": "00:00:01", "responseCode": "200", "success": true}),
            "RemoteDependencyData" => json!({"name": "n", "duration": "00:00:01"}),
            "MessageData" | "ExceptionDetails" => json!({"message": "m"}),
            "ExceptionData" => json!({"exceptions": [{"message": "m"}]}),
            "MetricData" => json!({"metrics": [{"name": "m", "value": 1.5}]}),
            "DataPoint" => json!({"name": "m", "value": 1}),
            "AvailabilityData" => json!({"id": "1", "name": "n", "duration": "00:00:01", "success": false}),
            "StackFrame" | "ContextTagKeys" => json!({}),
            _ => json!({"name": "n"}),
        };
        object.as_object().unwrap().clone()
    }

    fn with(rule: &Rule, value: Value) -> Result<(), Defect> {
        let mut object = valid(rule.on);
        object.insert(rule.field.to_owned(), value);
        check(rule.on, &object)
    }

    #[test]
    fn missing_and_empty_fields_are_refused_only_if_they_are_required() {
        for rule in RULES {
            let mut object = valid(rule.on);
            check(rule.on, &object).unwrap();
            object.remove(rule.field);
            let results = [check(rule.on, &object), with(rule, Value::Null), with(rule, "".into())];
            for result in results {
                assert_eq!(result.is_err(), rule.is_required, "{rule:?}: {result:?}");
                assert!(result.err().is_none_or(|defect| defect.to_string().starts_with("109: Field")), "{rule:?}");
            }
        }
    }

    #[test]
    fn texts_are_refused_beyond_their_limit_in_utf_16_units() {
        for rule in RULES {
            let Form::Text(limit) = rule.form else { continue };
            with(rule, "x".repeat(limit).into()).unwrap();
            with(rule, "é".repeat(limit).into()).unwrap();
            let expected =
                format!("100: Field '{}' on type '{}' is too long. Expected: {limit} characters", rule.field, rule.on);
            for text in ["x".repeat(limit + 1), "🎸".repeat(limit / 2 + 1)] {
                let message = with(rule, text.into()).unwrap_err();
                assert!(message.to_string().starts_with(&expected), "{message}");
            }
        }
    }

    #[test]
    fn values_of_another_form_are_refused() {
        for rule in RULES {
            let wrong = match rule.form {
                Form::Text(_) => json!({"a": 1}),
                Form::Switch | Form::Number | Form::Map => json!("yes"),
                Form::Time => json!("yesterday"),
                Form::Span | Form::SpanOrMillis => json!("1000.00:00:00"),
                Form::Severity => json!(5),
                Form::MetricKind => json!(2),
                Form::List => json!([1]),
            };
            let message = with(rule, wrong).unwrap_err();
            assert!(
                message.to_string().starts_with("106: Field") || message.to_string().starts_with("102: Field"),
                "{message}"
            );
        }
    }

    #[test]
    fn objects_in_lists_are_checked_at_every_depth() {
        let frame = json!({"message": "m", "parsedStack": [{"level": 0, "method": "x".repeat(1025)}]});
        for (on, object) in [
            ("ExceptionData", json!({"exceptions": [{"message": "m"}, {"message": ""}]})),
            ("ExceptionData", json!({"exceptions": [frame]})),
            ("MetricData", json!({"metrics": [{"name": "", "value": 1}]})),
            ("MetricData", json!({"metrics": [{"name": "m", "value": 1}], "measurements": {"a": "1"}})),
        ] {
            check(on, object.as_object().unwrap()).unwrap_err();
        }
        let python = json!({"message": "m", "parsedStack": "  File \"app.py\", line 7, in view\n"});
        check("ExceptionDetails", python.as_object().unwrap()).unwrap();
        let named = json!({"message": "m", "severityLevel": "Warning", "measurements": {"a": 1, "b": null}});
        check("MessageData", named.as_object().unwrap()).unwrap();
    }
}
