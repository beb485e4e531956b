//! The result of an availability test.

use std::borrow::Cow;
use std::time::Duration;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::ids::SpanId;
use crate::telemetry::Origin;

/// The result of an availability test: a row of Application Insights' `availabilityResults`.
///
/// # Examples
///
/// ```
/// use opencensus_core::{AvailabilityRecord, Origin};
/// use std::time::{Duration, SystemTime};
///
/// let origin = Origin::at(SystemTime::now());
/// let mut record = AvailabilityRecord::new(origin, "home page", Duration::from_millis(80), true);
/// record.run_location = Some("westeurope".into());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AvailabilityRecord {
    /// Where and when it was recorded.
    pub origin: Origin,
    /// The result's own id.
    pub id: SpanId,
    /// The test's name.
    pub name: Cow<'static, str>,
    /// How long the test took.
    pub duration: Duration,
    /// Whether the test succeeded.
    pub success: bool,
    /// Where the test ran, such as a region's name. Default: none.
    pub run_location: Option<Cow<'static, str>>,
    /// The test's message, such as the reason of a failure. Default: none.
    pub message: Option<Cow<'static, str>>,
    /// Its attributes. Default: none.
    pub attributes: Vec<Attribute>,
}

impl AvailabilityRecord {
    /// Creates a result with a random id.
    #[must_use]
    pub fn new(origin: Origin, name: impl Into<Cow<'static, str>>, duration: Duration, success: bool) -> Self {
        let (id, name) = (SpanId::random(), name.into());
        Self { origin, id, name, duration, success, run_location: None, message: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        let texts = [&self.run_location, &self.message].into_iter().flatten().map(text_size).sum::<usize>();
        size_of::<Self>() + self.origin.heap_size() + text_size(&self.name) + texts + attributes_size(&self.attributes)
    }
}
