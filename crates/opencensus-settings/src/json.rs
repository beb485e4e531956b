//! Converts values of `serde_json` to trees.

use crate::value::Value;

impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => {
                number.as_i64().map_or_else(|| Self::Float(number.as_f64().unwrap_or(f64::NAN)), Self::Integer)
            }
            serde_json::Value::String(text) => Self::text(text),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(entries) => {
                Self::Table(entries.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_json_has_a_value() {
        let tree = Value::from(&serde_json::json!({ "a": [null, true, 1, 0.5, "x"] }));
        let items = vec![Value::Null, Value::Bool(true), Value::Integer(1), Value::Float(0.5), Value::text("x")];
        assert_eq!(tree, Value::Table(vec![("a".to_owned(), Value::List(items))]));
    }
}
