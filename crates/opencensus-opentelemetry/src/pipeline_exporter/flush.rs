//! Flushing a pipeline for OpenTelemetry's SDK.

use std::time::Duration;

use opencensus_core::Pipeline;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};

/// The deadline of a flush for which the SDK names none.
pub(super) const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// Blocks until the queued items are sent.
pub(super) fn flush(pipeline: &Pipeline, deadline: Duration) -> OTelSdkResult {
    if pipeline.flush(deadline).wait().complete { Ok(()) } else { Err(OTelSdkError::Timeout(deadline)) }
}
