//! A message.

use std::borrow::Cow;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::telemetry::{Origin, Severity};

/// A message, such as a log record: a row of Application Insights' `traces`.
///
/// # Examples
///
/// ```
/// use opencensus_core::{MessageRecord, Origin, Severity};
/// use std::time::SystemTime;
///
/// let mut record = MessageRecord::new(Origin::at(SystemTime::now()), "cache is cold");
/// record.severity = Some(Severity::Warning);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MessageRecord {
    /// Where and when it was recorded.
    pub origin: Origin,
    /// The message.
    pub message: Cow<'static, str>,
    /// How severe it is. Default: none.
    pub severity: Option<Severity>,
    /// Its attributes. Default: none.
    pub attributes: Vec<Attribute>,
}

impl MessageRecord {
    /// Creates a record without severity and attributes.
    #[must_use]
    pub fn new(origin: Origin, message: impl Into<Cow<'static, str>>) -> Self {
        Self { origin, message: message.into(), severity: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.origin.heap_size() + text_size(&self.message) + attributes_size(&self.attributes)
    }
}
