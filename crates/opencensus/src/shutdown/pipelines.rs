//! The running pipelines of this process, for the end at the drain deadline.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use opencensus_core::Stats;
use opencensus_core::pipeline::Completion;

/// A pipeline that can be flushed and shut down.
pub(crate) trait LivePipeline: Send + Sync {
    /// Sends the queued items now.
    fn flush(&self, deadline: Duration) -> Completion;

    /// Sends the queued items, and refuses new ones.
    fn shutdown(&self, deadline: Duration) -> Completion;

    /// The counters.
    fn stats(&self) -> Stats;
}

static LIVE: Mutex<Vec<Weak<dyn LivePipeline>>> = Mutex::new(Vec::new());

/// Adds a pipeline, which stays as long as its owner keeps it.
pub(crate) fn register(pipeline: Weak<dyn LivePipeline>) {
    let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    live.retain(|pipeline| pipeline.strong_count() > 0);
    live.push(pipeline);
}

/// The pipelines that run now.
pub(super) fn live() -> Vec<Arc<dyn LivePipeline>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect()
}
