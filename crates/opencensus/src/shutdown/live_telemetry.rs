//! Lists the running telemetry of this process, which is shut down at the drain deadline.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use opencensus_core::Stats;
use opencensus_core::pipeline::Completion;

/// Running telemetry: a pipeline, and perhaps a logging system.
pub(crate) trait LiveTelemetry: Send + Sync {
    /// Sends the queued items now.
    fn flush(&self, deadline: Duration) -> Completion;

    /// Sends the queued items, and refuses new ones.
    fn shutdown(&self, deadline: Duration) -> Completion;

    /// Writes the log records that are queued. Blocks until the deadline at most.
    fn flush_logs(&self, deadline: Duration);

    /// The counters.
    fn stats(&self) -> Stats;
}

static LIVE: Mutex<Vec<Weak<dyn LiveTelemetry>>> = Mutex::new(Vec::new());

/// Adds telemetry to the list. It leaves the list when its last handle is dropped.
pub(crate) fn register(telemetry: Weak<dyn LiveTelemetry>) {
    let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    live.retain(|telemetry| telemetry.strong_count() > 0);
    live.push(telemetry);
}

/// The telemetry that runs now.
pub(super) fn live() -> Vec<Arc<dyn LiveTelemetry>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect()
}
