//! Events of a span.

use std::borrow::Cow;
use std::time::SystemTime;

use crate::attribute::{Attribute, attributes_size, text_size};

/// Something that happened during a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The name; `exception` is OpenTelemetry's for errors.
    pub name: Cow<'static, str>,
    /// When it happened.
    pub time: SystemTime,
    /// More about it.
    pub attributes: Vec<Attribute>,
}

impl Event {
    pub(crate) fn heap_size(&self) -> usize {
        text_size(&self.name) + attributes_size(&self.attributes)
    }
}
