//! Why a pipeline did not start.

use crate::exporter::BoxError;
use crate::pipeline::limits::InvalidLimits;

/// Why a pipeline did not start; [`Pipeline::start`](crate::Pipeline::start) returns it. Its text
/// contains the cause, which is therefore no [source](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A limit is zero or over its bound.
    #[error(transparent)]
    Limits(#[from] InvalidLimits),
    /// The worker's thread or its runtime could not be started.
    #[error("the exporter's thread could not be started: {0}")]
    Thread(std::io::Error),
    /// The exporter could not start.
    #[error("the exporter could not start: {0}")]
    Exporter(BoxError),
}
