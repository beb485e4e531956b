//! Why a pipeline did not start.

use crate::exporter::BoxError;
use crate::pipeline::limits::InvalidLimits;

/// Why a pipeline did not start; [`Pipeline::start`](crate::Pipeline::start) returns it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A limit is zero.
    #[error(transparent)]
    Limits(#[from] InvalidLimits),
    /// The worker's thread or its runtime could not be started.
    #[error("the exporter's thread could not be started")]
    Thread(#[source] std::io::Error),
    /// The exporter could not start.
    #[error("the exporter could not start: {0}")]
    Exporter(#[source] BoxError),
}
