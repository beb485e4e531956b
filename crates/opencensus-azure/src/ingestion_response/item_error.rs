//! The body of an answer, as far as it is to be believed.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// One entry of an answer's list of errors. Every field may be anything: what makes no sense counts as
/// absent.
#[derive(Deserialize)]
pub(crate) struct ItemError {
    #[serde(default)]
    index: Value,
    #[serde(default, rename = "statusCode")]
    status: Value,
    #[serde(default)]
    message: Value,
}

impl ItemError {
    pub(crate) fn index(&self) -> Option<usize> {
        self.index.as_u64().and_then(|index| usize::try_from(index).ok())
    }

    pub(crate) fn status(&self) -> Option<u64> {
        self.status.as_u64()
    }

    pub(crate) fn message(&self) -> &str {
        self.message.as_str().unwrap_or_default()
    }
}

/// The list of errors, no longer than `most`: a hostile answer must not fill the memory. Empty if the
/// body cannot be read.
pub(crate) fn errors(body: &[u8], most: usize) -> Vec<ItemError> {
    Errors { most }.deserialize(&mut serde_json::Deserializer::from_slice(body)).unwrap_or_default()
}

struct Errors {
    most: usize,
}

impl<'de> DeserializeSeed<'de> for Errors {
    type Value = Vec<ItemError>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Errors {
    type Value = Vec<ItemError>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut errors = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == "errors" {
                errors = map.next_value_seed(List { most: self.most })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(errors)
    }
}

struct List {
    most: usize,
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
        while errors.len() < self.most {
            match list.next_element()? {
                Some(error) => errors.push(error),
                None => return Ok(errors),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(errors)
    }
}
