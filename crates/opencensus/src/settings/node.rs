//! The settings as a tree: what TOML, JSON, the environment and the predecessor's notation share.

use std::borrow::Cow;

pub(crate) use opencensus_settings::Text;

use crate::settings::notation::{self, Call};

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
    /// A text in the predecessor's notation, after its arguments were filled in.
    Call(Call),
}

impl Node {
    pub(crate) fn text(value: impl Into<String>) -> Self {
        Self::Text(Text::plain(value))
    }

    /// A part of a text, which may hold what the whole may.
    pub(crate) fn part(of: &Text, value: &str) -> Self {
        Self::Text(Text { value: value.to_owned(), variables: of.variables.clone() })
    }

    /// The call that the node is, or that its text is.
    pub(crate) fn call(&self) -> Option<Cow<'_, Call>> {
        match self {
            Self::Call(call) => Some(Cow::Borrowed(call)),
            Self::Text(text) => notation::parse(&text.value).map(Cow::Owned),
            _ => None,
        }
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
            Self::Text(text) => text.redacted(),
            Self::Call(call) => format!("`{}`", call.path_with("(…)")),
            Self::List(_) => "a list".to_owned(),
            Self::Table(_) => "a table".to_owned(),
        }
    }
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

        fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
            Ok(i64::try_from(value).map_or(Node::Float(value as f64), Node::Integer))
        }

        fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
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
            Ok(plain(&table).unwrap_or(Node::Table(table)))
        }
    }

    /// The forms in which TOML hands over a date, and JSON a number if some crate wants them exact.
    fn plain(table: &[(String, Node)]) -> Option<Node> {
        let [(key, Node::Text(text))] = table else { return None };
        match key.as_str() {
            "$__toml_private_datetime" => Some(Node::text(&*text.value)),
            "$serde_json::private::Number" => {
                let integer = text.value.parse().ok().map(Node::Integer);
                integer.or_else(|| text.value.parse().ok().map(Node::Float))
            }
            _ => None,
        }
    }

    impl Serialize for Node {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Unfilled | Self::Null | Self::Call(_) => serializer.serialize_unit(),
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
