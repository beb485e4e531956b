//! Converts structured values of log records.

use std::fmt::Write as _;

use opencensus_core::Value;
use opentelemetry::logs::AnyValue;

/// Converts a value. Maps, and lists of maps or lists, become JSON.
pub(super) fn value_from(value: &AnyValue) -> Value {
    match value {
        AnyValue::Int(value) => (*value).into(),
        AnyValue::Double(value) => (*value).into(),
        AnyValue::Boolean(value) => (*value).into(),
        AnyValue::String(value) => Value::from(value.as_str().to_owned()),
        AnyValue::Bytes(bytes) => Value::List(bytes.iter().map(|byte| i64::from(*byte).into()).collect()),
        AnyValue::ListAny(values) if values.iter().all(is_scalar) => {
            Value::List(values.iter().map(value_from).collect())
        }
        structured => Value::from(json(structured)),
    }
}

/// The text of a body. Lists and maps become JSON.
pub(super) fn text_of(body: &AnyValue) -> String {
    match body {
        AnyValue::String(text) => text.as_str().to_owned(),
        AnyValue::ListAny(_) | AnyValue::Map(_) | AnyValue::Double(_) => json(body),
        scalar => value_from(scalar).to_string(),
    }
}

fn is_scalar(value: &AnyValue) -> bool {
    matches!(value, AnyValue::Int(_) | AnyValue::Double(_) | AnyValue::Boolean(_) | AnyValue::String(_))
}

fn json(value: &AnyValue) -> String {
    let mut out = String::new();
    write_json(&mut out, value, Value::MAX_DEPTH);
    out
}

/// Appends JSON. What is deeper than `depth` is written as a text: the stack must not overflow.
fn write_json(out: &mut String, value: &AnyValue, depth: usize) {
    let result = match value {
        AnyValue::Int(value) => write!(out, "{value}"),
        AnyValue::Boolean(value) => write!(out, "{value}"),
        AnyValue::Double(value) if value.is_finite() => write!(out, "{value:?}"),
        AnyValue::Double(_) => write!(out, "null"),
        AnyValue::Bytes(bytes) => write!(out, "{bytes:?}"),
        AnyValue::String(text) => return write_text(out, text.as_str()),
        AnyValue::ListAny(values) if depth > 0 => return write_list(out, values, depth - 1),
        AnyValue::Map(members) if depth > 0 => {
            // The order of a map is arbitrary: sort, so that equal maps become equal texts.
            let mut members: Vec<_> = members.iter().map(|(key, value)| (key.as_str(), value)).collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            return write_map(out, &members, depth - 1);
        }
        _ => write!(out, "\"[…]\""),
    };
    // Writing to a string does not fail.
    debug_assert!(result.is_ok());
}

fn write_list(out: &mut String, values: &[AnyValue], depth: usize) {
    out.push('[');
    for (at, value) in values.iter().enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        write_json(out, value, depth);
    }
    out.push(']');
}

fn write_map(out: &mut String, members: &[(&str, &AnyValue)], depth: usize) {
    out.push('{');
    for (at, (key, value)) in members.iter().enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        write_text(out, key);
        out.push(':');
        write_json(out, value, depth);
    }
    out.push('}');
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::Key;

    fn map(members: Vec<(&'static str, AnyValue)>) -> AnyValue {
        AnyValue::Map(Box::new(members.into_iter().map(|(key, value)| (Key::new(key), value)).collect()))
    }

    fn list(values: Vec<AnyValue>) -> AnyValue {
        AnyValue::ListAny(Box::new(values))
    }

    #[test]
    fn maps_and_nested_lists_are_json() {
        let nested = map(vec![("user", "al\"ice\n".into()), ("n", 1.into()), ("ok", true.into())]);
        assert_eq!(text_of(&nested), r#"{"n":1,"ok":true,"user":"al\"ice\n"}"#);
        let mixed = list(vec![nested, AnyValue::Double(f64::NAN), AnyValue::Double(1.5), list(vec![])]);
        assert_eq!(text_of(&mixed), r#"[{"n":1,"ok":true,"user":"al\"ice\n"},null,1.5,[]]"#);
        assert_eq!(value_from(&mixed), Value::from(text_of(&mixed)));
        assert_eq!(value_from(&list(vec![1.into(), "a".into()])), Value::List(vec![1.into(), "a".into()]));
        assert_eq!(text_of(&"plain \"text\"".into()), "plain \"text\"");
    }

    #[test]
    fn values_of_any_depth_do_not_overflow_the_stack() {
        // OpenTelemetry's values are dropped recursively, so the test's stack must be large.
        let test = || {
            let deep = (0..20_000).fold(AnyValue::Int(7), |value, depth| {
                if depth % 2 == 0 { list(vec![value]) } else { map(vec![("a", value)]) }
            });
            std::thread::scope(|scope| {
                let small = std::thread::Builder::new().stack_size(128 * 1024);
                let text = small.spawn_scoped(scope, || text_of(&deep)).unwrap().join().unwrap();
                assert!(text.starts_with("{\"a\":[{") && text.contains("\"[…]\""), "{text}");
            });
        };
        std::thread::Builder::new().stack_size(64 << 20).spawn(test).unwrap().join().unwrap();
    }
}
