//! Events of a span.

use std::borrow::Cow;
use std::time::SystemTime;

use crate::attribute::{Attribute, attributes_size, text_size};

/// An event during a span, as in OpenTelemetry.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Attribute, Event};
/// use std::time::SystemTime;
///
/// let mut event = Event::new("cache miss", SystemTime::now());
/// event.attributes.push(Attribute::new("cache.key", "user:7"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The name. `exception` is OpenTelemetry's name for errors.
    pub name: Cow<'static, str>,
    /// When it happened.
    pub time: SystemTime,
    /// Its attributes. Default: none.
    pub attributes: Vec<Attribute>,
}

impl Event {
    /// Creates an event without attributes.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, time: SystemTime) -> Self {
        Self { name: name.into(), time, attributes: Vec::new() }
    }

    /// Sets the attributes.
    #[must_use]
    pub fn with_attributes(mut self, attributes: Vec<Attribute>) -> Self {
        self.attributes = attributes;
        self
    }

    /// Bytes on the heap.
    pub(crate) fn heap_size(&self) -> usize {
        text_size(&self.name) + attributes_size(&self.attributes)
    }
}
