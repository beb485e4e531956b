//! A span's success or failure.

use std::borrow::Cow;

use crate::attribute::text_size;

/// Whether a span succeeded, if the application reports it; OpenTelemetry's span status.
///
/// # Examples
///
/// ```
/// use opencensus_core::SpanStatus;
///
/// assert_eq!(SpanStatus::default(), SpanStatus::Unset);
/// let failed = SpanStatus::Error("payment declined".into());
/// assert_ne!(failed, SpanStatus::Ok);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SpanStatus {
    /// The application reports nothing: the response's status decides.
    #[default]
    Unset,
    /// The span succeeded, whatever the response's status is.
    Ok,
    /// The span failed, whatever the response's status is; a description.
    Error(Cow<'static, str>),
}

impl SpanStatus {
    /// Bytes on the heap.
    pub(crate) fn heap_size(&self) -> usize {
        if let Self::Error(text) = self { text_size(text) } else { 0 }
    }
}
