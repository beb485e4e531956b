//! A log line.

use std::borrow::Cow;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::telemetry::{Origin, Severity};

/// Something else, told in words.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MessageRecord {
    /// Where and when.
    pub origin: Origin,
    /// The words.
    pub message: Cow<'static, str>,
    /// How grave it is.
    pub severity: Option<Severity>,
    /// More about it.
    pub attributes: Vec<Attribute>,
}

impl MessageRecord {
    /// These words.
    #[must_use]
    pub fn new(origin: Origin, message: impl Into<Cow<'static, str>>) -> Self {
        Self { origin, message: message.into(), severity: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.origin.heap_size() + text_size(&self.message) + attributes_size(&self.attributes)
    }
}
