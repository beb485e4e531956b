//! The list of errors in the body of an ingestion response. The body is untrusted input.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// An entry of the list of errors. A number may be a text. A field of another type counts as
/// absent.
#[derive(Deserialize)]
pub(super) struct ItemError {
    #[serde(default)]
    index: Value,
    #[serde(default, rename = "statusCode")]
    status: Value,
    #[serde(default)]
    message: Value,
}

impl ItemError {
    pub(super) fn index(&self) -> Option<usize> {
        number(&self.index).and_then(|index| usize::try_from(index).ok())
    }

    pub(super) fn status(&self) -> Option<u64> {
        number(&self.status)
    }

    pub(super) fn message(&self) -> &str {
        self.message.as_str().unwrap_or_default()
    }
}

/// A number, or the text of one.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Parses the first `limit` errors of the body, so that a hostile endpoint cannot exhaust the memory.
/// Empty if the body is malformed.
pub(super) fn errors(body: &[u8], limit: usize) -> Vec<ItemError> {
    Body { limit }.deserialize(&mut serde_json::Deserializer::from_slice(body)).unwrap_or_default()
}

struct Body {
    limit: usize,
}

impl<'de> DeserializeSeed<'de> for Body {
    type Value = Vec<ItemError>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body {
    type Value = Vec<ItemError>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut errors = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == "errors" {
                errors = map.next_value_seed(List { limit: self.limit })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(errors)
    }
}

struct List {
    limit: usize,
}

impl<'de> DeserializeSeed<'de> for List {
    type Value = Vec<ItemError>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List {
    type Value = Vec<ItemError>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list, or null")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        let mut errors = Vec::new();
        while errors.len() < self.limit {
            match list.next_element()? {
                Some(error) => errors.push(error),
                None => return Ok(errors),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(errors)
    }
}
