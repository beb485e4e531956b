//! A metric.

use std::borrow::Cow;
use std::time::Duration;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::telemetry::Origin;

/// One measured value, or an aggregate of many: a row of Application Insights' `customMetrics`.
///
/// # Examples
///
/// ```
/// use opencensus_core::{MetricRecord, Origin};
/// use std::time::SystemTime;
///
/// let mut record = MetricRecord::new(Origin::at(SystemTime::now()), "queue.length", 12.0);
/// record.count = Some(3);
/// (record.min, record.max) = (Some(2.0), Some(7.0));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MetricRecord {
    /// When it was measured, and in which process.
    pub origin: Origin,
    /// The metric's name.
    pub name: Cow<'static, str>,
    /// The value, or the sum of an aggregate.
    pub value: f64,
    /// How many values an aggregate has. `None`, the default: it is one value.
    pub count: Option<u64>,
    /// The lowest value of an aggregate. Default: none.
    pub min: Option<f64>,
    /// The highest value of an aggregate. Default: none.
    pub max: Option<f64>,
    /// The time during which an aggregate's values were measured. Default: none.
    pub interval: Option<Duration>,
    /// Its dimensions. Default: none.
    pub attributes: Vec<Attribute>,
}

impl MetricRecord {
    /// Creates a record of one value.
    #[must_use]
    pub fn new(origin: Origin, name: impl Into<Cow<'static, str>>, value: f64) -> Self {
        let name = name.into();
        Self { origin, name, value, count: None, min: None, max: None, interval: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.origin.heap_size() + text_size(&self.name) + attributes_size(&self.attributes)
    }
}
