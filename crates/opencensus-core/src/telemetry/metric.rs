//! Measured values.

use std::borrow::Cow;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::telemetry::Origin;

/// A measured value, or many put together over a while.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MetricRecord {
    /// When, and in whose process.
    pub origin: Origin,
    /// The metric's name.
    pub name: Cow<'static, str>,
    /// The value; the sum of all of them, if they are many.
    pub value: f64,
    /// How many values there are. `None`: one measurement.
    pub count: Option<u64>,
    /// The least of them.
    pub min: Option<f64>,
    /// The greatest of them.
    pub max: Option<f64>,
    /// What the values belong to.
    pub attributes: Vec<Attribute>,
}

impl MetricRecord {
    /// One measurement.
    #[must_use]
    pub fn new(origin: Origin, name: impl Into<Cow<'static, str>>, value: f64) -> Self {
        Self { origin, name: name.into(), value, count: None, min: None, max: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.origin.heap_size() + text_size(&self.name) + attributes_size(&self.attributes)
    }
}
