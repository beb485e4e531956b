//! The settings as a tree: what TOML, JSON, the environment and the predecessor's notation share.

/// One value of a settings tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// A text that could not be filled in. Its fault is told already; others about it are not.
    Unfilled,
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(Text),
    List(Vec<Node>),
    /// In their order; a file that gives a key twice shows here.
    Table(Vec<(String, Node)>),
}

/// A text, and how it may be shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    pub(crate) value: String,
    /// The text as it was written, if something of the environment was put into it, which may be a
    /// secret.
    pub(crate) template: Option<String>,
}

/// Longest part of a text that a fault shows, in characters.
const SHOWN: usize = 80;

impl Node {
    pub(crate) fn text(value: impl Into<String>) -> Self {
        Self::Text(Text { value: value.into(), template: None })
    }

    /// A list of texts.
    pub(crate) fn texts<S: Into<String>>(values: impl IntoIterator<Item = S>) -> Self {
        Self::List(values.into_iter().map(Self::text).collect())
    }

    /// What a fault says that it found. Never a secret.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Unfilled => String::new(),
            Self::Null => "nothing (null)".to_owned(),
            Self::Bool(value) => format!("`{value}`"),
            Self::Integer(value) => format!("`{value}`"),
            Self::Float(value) => format!("`{value:?}`"),
            Self::Text(text) => text.shown(),
            Self::List(_) => "a list".to_owned(),
            Self::Table(_) => "a table".to_owned(),
        }
    }
}

impl Text {
    fn shown(&self) -> String {
        if let Some(template) = &self.template {
            return format!("the value of `{}`", shorten(template));
        }
        if looks_secret(&self.value) {
            return "a text that may hold a secret".to_owned();
        }
        if self.value.trim().is_empty() { "an empty text".to_owned() } else { format!("`{}`", shorten(&self.value)) }
    }
}

/// One line, and not too long.
fn shorten(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN + 1).collect();
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Connection strings, keys and passwords that stand at the wrong place.
fn looks_secret(text: &str) -> bool {
    const SIGNS: [&str; 8] =
        ["instrumentationkey", "accountkey", "apikey", "api_key", "password", "secret", "token", "authorization"];
    let lower = text.to_ascii_lowercase();
    SIGNS.iter().any(|sign| lower.contains(sign)) || has_user_info(text) || has_long_id(text)
}

/// `//user:password@`
fn has_user_info(text: &str) -> bool {
    text.split("//").skip(1).any(|rest| rest.split('/').next().is_some_and(|authority| authority.contains('@')))
}

/// A GUID, or 24 letters and digits in a row, among them a digit: no word of a settings file.
fn has_long_id(text: &str) -> bool {
    let is_guid = |part: &str| part.len() >= 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_long = |part: &str| part.len() >= 24 && part.bytes().any(|byte| byte.is_ascii_digit());
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(is_guid)
        || text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_long)
}

#[cfg(feature = "file")]
mod serde_form {
    use std::fmt;

    use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
    use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

    use super::Node;

    impl<'de> Deserialize<'de> for Node {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(NodeVisitor)
        }
    }

    struct NodeVisitor;

    impl<'de> Visitor<'de> for NodeVisitor {
        type Value = Node;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("settings")
        }

        fn visit_unit<E>(self) -> Result<Node, E> {
            Ok(Node::Null)
        }

        fn visit_none<E>(self) -> Result<Node, E> {
            Ok(Node::Null)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
            Node::deserialize(deserializer)
        }

        fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
            Ok(Node::Bool(value))
        }

        fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
            Ok(Node::Integer(value))
        }

        fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
            Ok(i64::try_from(value).map_or(Node::Float(value as f64), Node::Integer))
        }

        fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
            Ok(Node::Float(value))
        }

        fn visit_str<E>(self, value: &str) -> Result<Node, E> {
            Ok(Node::text(value))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
            let mut list = Vec::new();
            while let Some(item) = items.next_element()? {
                list.push(item);
            }
            Ok(Node::List(list))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
            let mut table = Vec::new();
            while let Some(entry) = entries.next_entry()? {
                table.push(entry);
            }
            // The form in which TOML hands over a date.
            match &mut *table {
                [(key, date @ Node::Text(_))] if key == "$__toml_private_datetime" => {
                    Ok(std::mem::replace(date, Node::Null))
                }
                _ => Ok(Node::Table(table)),
            }
        }
    }

    impl Serialize for Node {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Unfilled | Self::Null => serializer.serialize_unit(),
                Self::Bool(value) => serializer.serialize_bool(*value),
                Self::Integer(value) => serializer.serialize_i64(*value),
                Self::Float(value) => serializer.serialize_f64(*value),
                Self::Text(text) => serializer.serialize_str(&text.value),
                Self::List(items) => {
                    let mut list = serializer.serialize_seq(Some(items.len()))?;
                    for item in items {
                        list.serialize_element(item)?;
                    }
                    list.end()
                }
                Self::Table(entries) => {
                    let mut table = serializer.serialize_map(Some(entries.len()))?;
                    for (key, value) in entries {
                        table.serialize_entry(key, value)?;
                    }
                    table.end()
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        for text in [
            "InstrumentationKey=1",
            "00000000-0000-0000-0000-000000000001",
            "https://user:pw@example.com/",
            "AIzaSyD3m9x8w7v6u5t4s3r2q1p0",
            "my-PASSWORD",
        ] {
            assert_eq!(Node::text(text).shown(), "a text that may hold a secret", "{text}");
        }
        for text in ["/users/{id}", "https://example.com", "re:^/v[0-9]+/internal/administration/health$", "sometimes"]
        {
            assert_eq!(Node::text(text).shown(), format!("`{text}`"));
        }
        let text = Text { value: "hunter2".to_owned(), template: Some("${PW}".to_owned()) };
        assert_eq!(Node::Text(text).shown(), "the value of `${PW}`");
    }

    #[test]
    fn long_and_crooked_texts_stay_on_one_line() {
        let shown = Node::text(format!("a\n{}", "é".repeat(200))).shown();
        assert!(shown.starts_with("`a é") && shown.ends_with("é…`") && shown.chars().count() == SHOWN + 3, "{shown}");
    }
}
