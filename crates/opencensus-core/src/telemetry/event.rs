//! A custom event.

use std::borrow::Cow;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::telemetry::Origin;

/// Something that the application counts by its name, such as an order that was placed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EventRecord {
    /// Where and when.
    pub origin: Origin,
    /// The name. Those of an application should be few.
    pub name: Cow<'static, str>,
    /// More about it.
    pub attributes: Vec<Attribute>,
    /// Numbers to calculate with.
    pub measurements: Vec<(Cow<'static, str>, f64)>,
}

impl EventRecord {
    /// An event of this name.
    #[must_use]
    pub fn new(origin: Origin, name: impl Into<Cow<'static, str>>) -> Self {
        Self { origin, name: name.into(), attributes: Vec::new(), measurements: Vec::new() }
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        let measurements: usize = self.measurements.iter().map(|(key, _)| 32 + text_size(key)).sum();
        size_of::<Self>()
            + self.origin.heap_size()
            + text_size(&self.name)
            + attributes_size(&self.attributes)
            + measurements
    }
}
