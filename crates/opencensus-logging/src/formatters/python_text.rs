//! Values as Python's `str` and `repr` write them.

use std::borrow::Cow;

use opencensus_settings::quote::quoted;
use serde_json::{Number, Value};

/// `str(value)`: a text as it is, other values as [`repr`].
pub(crate) fn str(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(repr(other)),
    }
}

/// `repr(value)`
pub(crate) fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number_text(number),
        Value::String(text) => quoted(text),
        Value::Array(values) => format!("[{}]", joined(values)),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", quoted(key), repr(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// `ascii(text)`
pub(crate) fn ascii(text: &str) -> String {
    ascii_only(&quoted(text))
}

/// The text with escapes for characters that are not ASCII.
pub(crate) fn ascii_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            0..=0x7f => out.push(c),
            code @ 0x80..=0xff => out.push_str(&format!("\\x{code:02x}")),
            code @ 0x100..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out
}

/// The `repr` of a tuple.
pub(crate) fn repr_tuple(values: &[Value]) -> String {
    let comma = if values.len() == 1 { "," } else { "" };
    format!("({}{comma})", joined(values))
}

fn joined(values: &[Value]) -> String {
    values.iter().map(repr).collect::<Vec<_>>().join(", ")
}

fn number_text(number: &Number) -> String {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(number), ..) => number.to_string(),
        (_, Some(number), _) => number.to_string(),
        (.., number) => number.map_or_else(String::new, float),
    }
}

/// A float's `repr`: the shortest text that parses to the same number, with an exponent from 1e16 on and below 1e-4.
pub(crate) fn float(number: f64) -> String {
    let size = number.abs();
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{number:?}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_look_as_python_writes_them() {
        for (value, expected) in [
            (json!(null), "None"),
            (json!(["x", 1, true]), "['x', 1, True]"),
            (json!({"a": 1.5}), "{'a': 1.5}"),
            (json!("it's"), "\"it's\""),
            (json!("a\n\\\u{1b}"), "'a\\n\\\\\\x1b'"),
            (json!(1e16), "1e+16"),
            (json!(0.00001), "1e-05"),
            (json!(100.0), "100.0"),
            (json!(1709618828.123456), "1709618828.123456"),
        ] {
            assert_eq!(repr(&value), expected);
        }
        assert_eq!(ascii("é你🙂\n"), "'\\xe9\\u4f60\\U0001f642\\n'");
        assert_eq!(str(&json!("it's")), "it's");
        assert_eq!(repr_tuple(&[json!("x")]), "('x',)");
        assert_eq!(repr_tuple(&[]), "()");
    }
}
