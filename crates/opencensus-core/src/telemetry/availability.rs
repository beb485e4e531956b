//! Whether something could be reached.

use std::borrow::Cow;
use std::time::Duration;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::ids::SpanId;
use crate::telemetry::Origin;

/// The result of an availability test.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AvailabilityRecord {
    /// Where and when.
    pub origin: Origin,
    /// Its own id.
    pub id: SpanId,
    /// The test's name.
    pub name: Cow<'static, str>,
    /// How long it took.
    pub duration: Duration,
    /// Whether it succeeded.
    pub success: bool,
    /// Where it ran, such as a region's name.
    pub run_location: Option<Cow<'static, str>>,
    /// What it has to say.
    pub message: Option<Cow<'static, str>>,
    /// More about it.
    pub attributes: Vec<Attribute>,
}

impl AvailabilityRecord {
    /// The result of the test of this name.
    #[must_use]
    pub fn new(origin: Origin, name: impl Into<Cow<'static, str>>, duration: Duration, success: bool) -> Self {
        let (id, name) = (SpanId::random(), name.into());
        Self { origin, id, name, duration, success, run_location: None, message: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        let texts = [&self.run_location, &self.message].into_iter().flatten().map(text_size).sum::<usize>();
        size_of::<Self>() + self.origin.heap_size() + text_size(&self.name) + texts + attributes_size(&self.attributes)
    }
}
