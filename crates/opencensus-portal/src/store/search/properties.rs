//! Reads the custom properties and measurements of an envelope's JSON without parsing all of it.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;

const PROPERTIES: &str = "properties";
const MEASUREMENTS: &str = "measurements";
static PROPERTIES_KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"properties\""));
static MEASUREMENTS_KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"measurements\""));
static BASE_KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"baseData\""));

/// The key of a property, prepared for many envelopes.
#[derive(Debug)]
pub(super) struct PropertyKey {
    key: String,
    /// Finds envelopes that may have the key. `None` for a key that JSON may write in several ways.
    finder: Option<Finder<'static>>,
}

impl PropertyKey {
    pub(super) fn new(key: &str) -> Self {
        let is_plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _.-:@$".contains(&byte));
        let finder = is_plain.then(|| Finder::new(&format!("\"{key}\"")).into_owned());
        Self { key: key.to_owned(), finder }
    }

    /// The text of the property or measurement with this key.
    pub(super) fn value<'a>(&self, json: &'a str) -> Option<Cow<'a, str>> {
        if self.finder.as_ref().is_some_and(|finder| finder.find(json.as_bytes()).is_none()) {
            return None;
        }
        let find = |name| pairs(json, name).find(|(key, _)| *key == self.key).map(|(_, value)| value);
        find(PROPERTIES).or_else(|| find(MEASUREMENTS))
    }
}

/// The keys and values of the custom properties, as texts.
pub(super) fn properties(json: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    pairs(json, PROPERTIES)
}

/// The members of an object of the base data, without those that are null.
fn pairs<'a>(json: &'a str, name: &'static str) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
    let object = object(json, name).unwrap_or_default();
    Members { rest: object.strip_prefix('{').unwrap_or_default() }
}

/// The text from the opening brace of an object of the base data.
fn object<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let key = if name == PROPERTIES { &*PROPERTIES_KEY } else { &*MEASUREMENTS_KEY };
    let mut found = key.find_iter(json.as_bytes()).filter_map(|at| {
        let value = json[at + key.needle().len()..].trim_start().strip_prefix(':')?.trim_start();
        Some((at, value))
    });
    let (at, value) = found.next()?;
    let base = BASE_KEY.find(json.as_bytes());
    if found.next().is_none() && value.starts_with('{') && base.is_some_and(|base| base < at) {
        return Some(value);
    }
    parsed(json, name)
}

/// As [`object`], for an envelope in which the key occurs several times.
fn parsed<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        data: Data<'a>,
    }
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(borrow, rename = "baseData")]
        base: Base<'a>,
    }
    #[derive(Deserialize)]
    struct Base<'a> {
        #[serde(borrow)]
        properties: Option<&'a RawValue>,
        #[serde(borrow)]
        measurements: Option<&'a RawValue>,
    }
    let base = serde_json::from_str::<Envelope<'a>>(json).ok()?.data.base;
    let value = if name == PROPERTIES { base.properties } else { base.measurements };
    value.map(RawValue::get)
}

/// The members of a JSON object, from the text after its opening brace.
struct Members<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.rest.trim_start_matches(|c: char| c == ',' || c.is_ascii_whitespace());
            let (key, rest) = string(rest)?;
            let rest = rest.trim_start().strip_prefix(':')?.trim_start();
            let (value, rest) = match string(rest) {
                Some((value, rest)) => (Some(unescaped(value)), rest),
                None => {
                    let (value, rest) = other_value(rest)?;
                    ((value != "null").then_some(Cow::Borrowed(value)), rest)
                }
            };
            self.rest = rest;
            if let Some(value) = value {
                return Some((unescaped(key), value));
            }
        }
    }
}

/// Splits a string with its quotation marks from the text after it.
fn string(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(text.split_at(at + 1));
        }
        at += 2;
    }
}

/// Splits a value that is no string: a number, a word, or nested values.
fn other_value(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => at += string(&text[at..])?.0.len() - 1,
            b'{' | b'[' => depth += 1,
            b',' | b'}' | b']' if depth == 0 => break,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    let (value, rest) = text.split_at_checked(at)?;
    Some((value.trim_end(), rest))
}

/// The text of a string with its quotation marks.
fn unescaped(string: &str) -> Cow<'_, str> {
    let inner = string.get(1..string.len().saturating_sub(1)).unwrap_or_default();
    if inner.contains('\\') {
        return serde_json::from_str::<String>(string).map_or(Cow::Borrowed(inner), Cow::Owned);
    }
    Cow::Borrowed(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(base: &str) -> String {
        format!(r#"{{"tags":{{"tenant":"tag"}},"data":{{"baseType":"EventData","baseData":{{{base}}}}}}}"#)
    }

    #[test]
    fn properties_are_found_in_every_notation() {
        let base = r#""name":"tenant","properties" : { "a b":"1", "tenant":"ac\"me" ,"n":1.50,"list":[{"x":"}"},2],
            "none":null,"\u00fc":"\u00e4"},"measurements":{"total":3}"#;
        let json = envelope(base);
        for (key, value) in [
            ("a b", Some("1")),
            ("tenant", Some("ac\"me")),
            ("n", Some("1.50")),
            ("list", Some(r#"[{"x":"}"},2]"#)),
            ("ü", Some("ä")),
            ("total", Some("3")),
            ("none", None),
            ("x", None),
            ("name", None),
        ] {
            assert_eq!(PropertyKey::new(key).value(&json).as_deref(), value, "{key}");
        }
        assert_eq!(properties(&json).count(), 5);
    }

    #[test]
    fn keys_elsewhere_are_no_properties() {
        let own = envelope(r#""properties":{"properties":"x","measurements":"y"},"measurements":{"properties":1}"#);
        assert_eq!(PropertyKey::new("properties").value(&own).as_deref(), Some("x"));
        assert_eq!(PropertyKey::new("measurements").value(&own).as_deref(), Some("y"));
        let before = r#"{"tags":{"properties":{"tenant":"x"}},"data":{"baseData":{"name":"n"}}}"#;
        assert_eq!(PropertyKey::new("tenant").value(before), None);
        for json in ["", "{", "{}", r#"{"data":{"baseData":{"properties":null}}}"#, r#"{"baseData":{"properties":{"a"#]
        {
            assert_eq!(properties(json).count(), 0, "{json}");
        }
    }
}
