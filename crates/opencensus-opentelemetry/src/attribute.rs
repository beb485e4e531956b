//! Converts attributes and their values in both directions.

use std::borrow::Cow;

use opencensus_core::{Attribute, Value};
use opentelemetry::{Array, Key, KeyValue, StringValue, Value as OtelValue};

use crate::known_text::known_text;

/// Converts an attribute from OpenTelemetry. Owned texts are moved, and known ones are not copied.
pub(crate) fn from_key_value(key_value: KeyValue) -> Attribute {
    Attribute::new(from_key(key_value.key), from_otel_value(key_value.value))
}

fn from_key(key: Key) -> Cow<'static, str> {
    known_text(key.as_str()).map_or_else(|| Cow::Owned(key.into()), Cow::Borrowed)
}

fn from_text(text: StringValue) -> Cow<'static, str> {
    known_text(text.as_str()).map_or_else(|| Cow::Owned(text.into()), Cow::Borrowed)
}

/// Converts an attribute to OpenTelemetry.
pub(crate) fn to_key_value(attribute: &Attribute) -> KeyValue {
    KeyValue::new(attribute.key.clone(), to_otel_value(&attribute.value))
}

fn to_otel_value(value: &Value) -> OtelValue {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::I64(value) => (*value).into(),
        Value::F64(value) => (*value).into(),
        Value::List(values) => OtelValue::Array(to_array(values)),
        value => value.to_string().into(),
    }
}

/// Values of a single type keep it. Mixed values become strings, because OpenTelemetry has no mixed
/// arrays.
fn to_array(values: &[Value]) -> Array {
    fn all<T>(values: &[Value], get: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        values.iter().map(get).collect::<Option<Vec<T>>>().filter(|values| !values.is_empty())
    }
    let bools = || all(values, |value| if let Value::Bool(value) = value { Some(*value) } else { None });
    let integers = || all(values, |value| if let Value::I64(value) = value { Some(*value) } else { None });
    let floats = || all(values, |value| if let Value::F64(value) = value { Some(*value) } else { None });
    let strings = || values.iter().map(|value| StringValue::from(value.to_string())).collect();
    None.or_else(|| bools().map(Array::Bool))
        .or_else(|| integers().map(Array::I64))
        .or_else(|| floats().map(Array::F64))
        .unwrap_or_else(|| Array::String(strings()))
}

fn from_otel_value(value: OtelValue) -> Value {
    match value {
        OtelValue::Bool(value) => value.into(),
        OtelValue::I64(value) => value.into(),
        OtelValue::F64(value) => value.into(),
        OtelValue::Array(Array::Bool(values)) => to_list(values),
        OtelValue::Array(Array::I64(values)) => to_list(values),
        OtelValue::Array(Array::F64(values)) => to_list(values),
        OtelValue::Array(Array::String(values)) => to_list(values.into_iter().map(String::from)),
        OtelValue::String(text) => Value::Text(from_text(text)),
        value => Value::from(value.as_str().into_owned()),
    }
}

fn to_list<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Value {
    Value::List(values.into_iter().map(Into::into).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_survive_the_round_trip() {
        let pairs = [
            KeyValue::new("a", true),
            KeyValue::new("b", 7),
            KeyValue::new("c", 0.5),
            KeyValue::new("d", "text"),
            KeyValue::new("f", OtelValue::Array(Array::I64(vec![1, 2]))),
            KeyValue::new("e", OtelValue::Array(Array::String(vec!["x".into(), "y".into()]))),
        ];
        for pair in pairs {
            assert_eq!(to_key_value(&from_key_value(pair.clone())), pair);
        }
    }
}
