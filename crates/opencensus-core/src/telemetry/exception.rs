//! An error.

use std::borrow::Cow;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::telemetry::{Origin, Severity};

/// An error or a panic: a row of Application Insights' `exceptions`.
///
/// # Examples
///
/// ```
/// use opencensus_core::{ExceptionRecord, Origin, TelemetryItem};
/// use std::time::SystemTime;
///
/// let mut record = ExceptionRecord::new(Origin::at(SystemTime::now()));
/// record.type_name = Some("std::io::Error".into());
/// record.message = Some("connection refused".into());
/// let item = TelemetryItem::from(record);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExceptionRecord {
    /// Where and when it was recorded.
    pub origin: Origin,
    /// The error's type, such as `std::io::Error`. Default: none.
    pub type_name: Option<Cow<'static, str>>,
    /// The error's message. Default: none.
    pub message: Option<Cow<'static, str>>,
    /// The stack trace as text. Default: none.
    pub stack: Option<Cow<'static, str>>,
    /// How severe it is. Default: none.
    pub severity: Option<Severity>,
    /// Its attributes. Default: none.
    pub attributes: Vec<Attribute>,
}

impl ExceptionRecord {
    /// Creates a record without type and message.
    #[must_use]
    pub fn new(origin: Origin) -> Self {
        Self { origin, type_name: None, message: None, stack: None, severity: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        let texts = [&self.type_name, &self.message, &self.stack];
        let texts: usize = texts.into_iter().flatten().map(text_size).sum();
        size_of::<Self>() + self.origin.heap_size() + texts + attributes_size(&self.attributes)
    }
}
