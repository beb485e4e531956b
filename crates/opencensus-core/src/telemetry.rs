//! What travels through the pipeline.

use crate::span::RequestRecord;

/// One finished item of telemetry.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Telemetry {
    /// An incoming request.
    Request(Box<RequestRecord>),
}

impl Telemetry {
    /// Bytes in memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Request(record) => record.size(),
        }
    }
}

impl From<RequestRecord> for Telemetry {
    fn from(record: RequestRecord) -> Self {
        Self::Request(Box::new(record))
    }
}
