//! What travels through the pipeline.

mod happening;
mod span_record;

pub use happening::{ExceptionRecord, MessageRecord, Origin};
pub use span_record::{SpanKind, SpanRecord};

use crate::span::RequestRecord;

/// One finished item of telemetry.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Telemetry {
    /// An incoming request.
    Request(Box<RequestRecord>),
    /// Any other span.
    Span(Box<SpanRecord>),
    /// An error that happened under a span.
    Exception(Box<ExceptionRecord>),
    /// Something else that happened under a span.
    Message(Box<MessageRecord>),
}

impl Telemetry {
    /// Bytes in memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Request(record) => record.size(),
            Self::Span(record) => record.size(),
            Self::Exception(record) => record.size(),
            Self::Message(record) => record.size(),
        }
    }
}

impl From<RequestRecord> for Telemetry {
    fn from(record: RequestRecord) -> Self {
        Self::Request(Box::new(record))
    }
}

impl From<SpanRecord> for Telemetry {
    fn from(record: SpanRecord) -> Self {
        Self::Span(Box::new(record))
    }
}

impl From<ExceptionRecord> for Telemetry {
    fn from(record: ExceptionRecord) -> Self {
        Self::Exception(Box::new(record))
    }
}

impl From<MessageRecord> for Telemetry {
    fn from(record: MessageRecord) -> Self {
        Self::Message(Box::new(record))
    }
}
