//! JSON objects whose keys keep their order.

use serde_json::Value;

/// The text of a JSON object. `serde_json`'s own object keeps the order of keys only with a feature that changes it for
/// the whole program.
#[derive(Debug, Default)]
pub(super) struct JsonObject {
    text: String,
    keys: Vec<String>,
}

impl JsonObject {
    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|known| known == key)
    }

    /// Adds an entry. The key must be new.
    pub(super) fn push(&mut self, key: &str, value: impl Into<Value>) {
        self.push_text(key, &value.into().to_string());
    }

    /// Adds an object. The key must be new.
    pub(super) fn push_object(&mut self, key: &str, object: Self) {
        self.push_text(key, &object.finish());
    }

    fn push_text(&mut self, key: &str, json: &str) {
        self.text.push(if self.keys.is_empty() { '{' } else { ',' });
        self.text.push_str(&Value::from(key).to_string());
        self.text.push(':');
        self.text.push_str(json);
        self.keys.push(key.to_owned());
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str(if self.keys.is_empty() { "{}" } else { "}" });
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_order_and_keys_are_escaped() {
        let mut inner = JsonObject::default();
        inner.push("z", 1);
        let mut object = JsonObject::default();
        object.push("b\"", "text");
        object.push_object("a", inner);
        object.push_object("c", JsonObject::default());
        assert!(object.has("a") && !object.has("z"));
        assert_eq!(object.finish(), r#"{"b\"":"text","a":{"z":1},"c":{}}"#);
    }
}
