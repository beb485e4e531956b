//! Values of attributes as JSON and as text.

use serde_json::{Map, Number, Value};

use crate::otlp::message::{AnyValue, KeyValue, Kind};

/// A value as JSON: a list as an array, a map as an object, bytes as base64.
pub(super) fn json(value: AnyValue) -> Value {
    match value.kind {
        None => Value::Null,
        Some(Kind::Text(text)) => text.into(),
        Some(Kind::Flag(flag)) => flag.into(),
        Some(Kind::Integer(number)) => number.into(),
        Some(Kind::Double(number)) => double(number),
        Some(Kind::List(list)) => list.values.into_iter().map(json).collect(),
        Some(Kind::Map(map)) => object(map.values).into(),
        Some(Kind::Bytes(bytes)) => base64(&bytes).into(),
    }
}

/// The pairs as a JSON object. The last value of a key wins.
pub(super) fn object(pairs: Vec<KeyValue>) -> Map<String, Value> {
    pairs.into_iter().map(|pair| (pair.key, pair.value.map_or(Value::Null, json))).collect()
}

/// The text of a value: that of a text without quotes, otherwise JSON.
pub(super) fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        value => value.to_string(),
    }
}

/// JSON has no number for these three values; their texts are those of OTLP/JSON.
fn double(number: f64) -> Value {
    let name = match number {
        _ if number.is_nan() => "NaN",
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        // A whole number has no decimals, as in JavaScript.
        _ if number.fract() == 0.0 && number.abs() < 1e15 => return (number as i64).into(),
        _ => return Number::from_f64(number).map_or(Value::Null, Value::Number),
    };
    name.into()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 0x3F) as usize];
            text.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::message::{ArrayValue, KeyValueList};

    fn text_of(kind: Kind) -> String {
        text(json(AnyValue { kind: Some(kind) }))
    }

    #[test]
    fn values_of_every_kind_have_a_text() {
        assert_eq!(text_of(Kind::Text("a \"b\"".into())), "a \"b\"");
        assert_eq!(text_of(Kind::Flag(true)), "true");
        assert_eq!(text_of(Kind::Integer(i64::MIN)), "-9223372036854775808");
        for (number, text) in [(1.0, "1"), (0.1, "0.1"), (f64::NAN, "NaN"), (f64::NEG_INFINITY, "-Infinity")] {
            assert_eq!(text_of(Kind::Double(number)), text);
        }
        let list = [Kind::Text("a".into()), Kind::Double(f64::INFINITY), Kind::Bytes(vec![1])];
        let values = list.map(|kind| AnyValue { kind: Some(kind) }).into();
        assert_eq!(text_of(Kind::List(ArrayValue { values })), r#"["a","Infinity","AQ=="]"#);
        let pair = |key: &str, kind| KeyValue { key: key.into(), value: Some(AnyValue { kind }) };
        let values = vec![pair("a", Some(Kind::Integer(1))), pair("b", None), pair("a", Some(Kind::Integer(2)))];
        assert_eq!(text_of(Kind::Map(KeyValueList { values })), r#"{"a":2,"b":null}"#);
    }

    #[test]
    fn bytes_are_base64() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xFB, 0xFF, 0xFE]), "+//+");
    }
}
