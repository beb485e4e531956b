//! Attributes of an item by OpenTelemetry's conventions, the current names and the older ones.

use std::borrow::Cow;
use std::cell::Cell;

use opencensus_core::{Attribute, Value};

use crate::envelope::{Field, cut};
use crate::mapping::number::integer;
use crate::mapping::value::write_value;

/// The attributes of an item, with lookup by key, and which of them its fields and tags hold. What they do not hold
/// becomes properties.
pub(crate) struct Attributes<'a> {
    list: &'a [Attribute],
    // A bit for each of the first 128 attributes. The others are properties in any case.
    held: Cell<u128>,
}

impl<'a> Attributes<'a> {
    pub(crate) fn new(list: &'a [Attribute]) -> Self {
        Self { list, held: Cell::new(0) }
    }

    pub(crate) fn list(&self) -> &'a [Attribute] {
        self.list
    }

    /// The last value of this key. An empty value counts as absent.
    pub(crate) fn value(&self, key: &str) -> Option<&'a Value> {
        let attribute = self.list.iter().rev().find(|attribute| attribute.key == key)?;
        Some(&attribute.value).filter(|value| !is_empty(value))
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// The value of the first of these keys that has one.
    pub(crate) fn first(&self, keys: &[&str]) -> Option<&'a Value> {
        keys.iter().find_map(|key| self.value(key))
    }

    /// The text of the first of these keys that has a value.
    pub(crate) fn text(&self, keys: &[&str]) -> Option<Cow<'a, str>> {
        self.first(keys).map(text)
    }

    /// As [`text`](Self::text), for a field or tag that holds the text.
    pub(crate) fn take(&self, keys: &[&str]) -> Option<Cow<'a, str>> {
        let text = self.text(keys)?;
        self.hold(keys, &text);
        Some(text)
    }

    /// As [`take`](Self::take), for a field that may be too short for the text: then the attribute is a property, too.
    pub(crate) fn take_for(&self, field: Field, keys: &[&str]) -> Option<Cow<'a, str>> {
        self.within(field, || self.take(keys))
    }

    /// Calls a function that takes attributes for a field. They are properties, too, if there is no
    /// result, or the field is too short for it.
    pub(crate) fn within<T: AsRef<str>>(&self, field: Field, text: impl FnOnce() -> Option<T>) -> Option<T> {
        let held = self.held.get();
        let text = text();
        let fits = text.as_ref().map(AsRef::as_ref).is_some_and(|text| cut(text, field.limit).len() == text.len());
        if !fits {
            self.held.set(held);
        }
        text
    }

    /// Marks the attributes with these keys as held, if they have this text. It does not allocate for texts, flags, and
    /// integers of three digits.
    pub(crate) fn hold(&self, keys: &[&str], held: &str) {
        for (at, attribute) in self.list.iter().enumerate().take(128) {
            let has_key = || keys.contains(&&*attribute.key);
            let is_held = match &attribute.value {
                // The texts first: their lengths differ most often.
                Value::Text(text) => text == held && has_key(),
                // The key first: the text of the value may have to be made.
                value => has_key() && is_text(value, held),
            };
            if is_held {
                self.held.set(self.held.get() | 1 << at);
            }
        }
    }

    /// Marks the attributes with this key as held.
    pub(crate) fn hold_key(&self, key: &str) {
        for (at, _) in self.list.iter().enumerate().take(128).filter(|(_, attribute)| attribute.key == key) {
            self.held.set(self.held.get() | 1 << at);
        }
    }

    /// The attributes that become properties: those that no field or tag holds, and the last one of each key.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &'a Attribute> {
        let (list, held) = (self.list, self.held.get());
        let is_held = move |at: usize| at < 128 && held >> at & 1 == 1;
        list.iter()
            .enumerate()
            .filter(move |(at, attribute)| {
                let key = &*attribute.key;
                !is_held(*at) && !key.trim_start().is_empty() && !is_reserved(key) && !is_replaced(key, &list[at + 1..])
            })
            .map(|(_, attribute)| attribute)
    }
}

/// Whether a later attribute has the same key, in an item without very many attributes.
fn is_replaced(key: &str, later: &[Attribute]) -> bool {
    later.len() < 1000 && later.iter().any(|attribute| attribute.key == key)
}

/// Whether the service or Microsoft's exporters use the key for themselves.
fn is_reserved(key: &str) -> bool {
    key.starts_with("_MS.") || key == "microsoft.sample_rate"
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.trim_start().is_empty(),
        Value::List(values) => values.is_empty(),
        _ => false,
    }
}

fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) => Cow::Borrowed(text),
        Value::I64(number) => integer(*number),
        value => {
            let mut text = String::new();
            write_value(&mut text, "", value);
            Cow::Owned(text)
        }
    }
}

/// Whether the value has this text.
fn is_text(value: &Value, expected: &str) -> bool {
    match value {
        Value::Text(text) => text == expected,
        Value::Bool(flag) => expected == if *flag { "true" } else { "false" },
        value => text(value) == expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::fields;

    fn keys(attributes: &Attributes<'_>) -> Vec<String> {
        attributes.properties().map(|attribute| attribute.key.to_string()).collect()
    }

    #[test]
    fn empty_values_do_not_end_a_chain() {
        let list = [
            Attribute::new("a", ""),
            Attribute::new("b", " "),
            Attribute::new("c", Value::List(vec![])),
            Attribute::new("d", 7),
        ];
        let attributes = Attributes::new(&list);
        assert_eq!(attributes.text(&["a", "b", "c", "d"]).as_deref(), Some("7"));
        assert_eq!(attributes.text(&["a", "b", "c"]), None);
    }

    #[test]
    fn attribute_is_no_property_only_if_a_field_holds_its_value() {
        let list = [
            Attribute::new("http.method", "GET"),
            Attribute::new("http.request.method", "GET"),
            Attribute::new("db.statement", "select 1"),
            Attribute::new("db.query.text", "select 2"),
            Attribute::new("session.id", "s".repeat(65)),
        ];
        let attributes = Attributes::new(&list);
        assert_eq!(attributes.take(&["http.request.method", "http.method"]).as_deref(), Some("GET"));
        assert_eq!(attributes.take(&["db.query.text", "db.statement"]).as_deref(), Some("select 2"));
        assert!(attributes.take_for(fields::SESSION_ID, &["session.id"]).is_some());
        assert_eq!(keys(&attributes), ["db.statement", "session.id"], "another value, and one that is cut");
    }

    #[test]
    fn values_are_compared_by_their_texts() {
        for (value, text, expected) in [
            (Value::from("443"), "443", true),
            (443.into(), "443", true),
            (i64::MIN.into(), "-9223372036854775808", true),
            (443.into(), "44", false),
            (44.into(), "443", false),
            (true.into(), "true", true),
            (1.5.into(), "1.5", true),
            ("".into(), "", true),
        ] {
            assert_eq!(is_text(&value, text), expected, "{value:?} {text}");
        }
    }

    #[test]
    fn last_attribute_of_a_key_wins() {
        let list = [Attribute::new("a", 1), Attribute::new("b", 2), Attribute::new("a", 3), Attribute::new("_MS.x", 4)];
        let attributes = Attributes::new(&list);
        assert_eq!(attributes.text(&["a"]).as_deref(), Some("3"));
        assert_eq!(keys(&attributes), ["b", "a"]);
    }

    #[test]
    fn attributes_beyond_the_first_128_are_properties() {
        let list: Vec<_> = (0..200).map(|n| Attribute::new(n.to_string(), n)).collect();
        let attributes = Attributes::new(&list);
        assert!(attributes.take(&["127"]).is_some() && attributes.take(&["199"]).is_some());
        assert_eq!(keys(&attributes).len(), 199);
    }
}
