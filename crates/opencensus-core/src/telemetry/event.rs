//! A custom event.

use std::borrow::Cow;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::telemetry::Origin;

/// A custom event, such as a placed order: a row of Application Insights' `customEvents`.
///
/// # Examples
///
/// ```
/// use opencensus_core::{EventRecord, Origin};
/// use std::time::SystemTime;
///
/// let mut record = EventRecord::new(Origin::at(SystemTime::now()), "order placed");
/// record.measurements.push(("value".into(), 59.9));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EventRecord {
    /// Where and when it was recorded.
    pub origin: Origin,
    /// The name. Use few different names.
    pub name: Cow<'static, str>,
    /// Its attributes. Default: none.
    pub attributes: Vec<Attribute>,
    /// Named numbers that queries can aggregate. Default: none.
    pub measurements: Vec<(Cow<'static, str>, f64)>,
}

/// The approximate size of a measurement in its vector, in bytes.
const MEASUREMENT: usize = 32;

impl EventRecord {
    /// Creates an event without attributes and measurements.
    #[must_use]
    pub fn new(origin: Origin, name: impl Into<Cow<'static, str>>) -> Self {
        Self { origin, name: name.into(), attributes: Vec::new(), measurements: Vec::new() }
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        let measurements: usize = self.measurements.iter().map(|(key, _)| MEASUREMENT + text_size(key)).sum();
        size_of::<Self>()
            + self.origin.heap_size()
            + text_size(&self.name)
            + attributes_size(&self.attributes)
            + measurements
    }
}
