//! What a pipeline is started with, beside its exporter.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::processor::Processor;

/// Something that is kept on the worker's thread for its whole life, such as a guard that
/// suppresses telemetry there.
pub type ThreadGuard = Box<dyn FnOnce() -> Box<dyn Any> + Send>;

/// What a pipeline is started with. Start from [`Default`].
#[derive(Default)]
#[non_exhaustive]
pub struct PipelineOptions {
    /// Bounds.
    pub limits: PipelineLimits,
    /// Makes, on the worker's thread, what is kept there for its whole life. Default: nothing.
    pub guard: Option<ThreadGuard>,
    /// Functions that change items or drop them before they are encoded, in their order. Default: none.
    pub processors: Vec<Processor>,
    /// The counters of [`Stats`](crate::pipeline::Stats) travel as metrics of their own, this long after
    /// something has happened, and before a shutdown: `Item_Success_Count`, `Item_Retry_Count`, and
    /// `Item_Dropped_Count` with a `drop.reason`, each with what is new since the last time. Nothing is told
    /// while the endpoint fails; it is made up for afterwards. Default: never; at least 1 s.
    pub stats_interval: Option<Duration>,
}

impl fmt::Debug for PipelineOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipelineOptions")
            .field("limits", &self.limits)
            .field("guard", &self.guard.is_some())
            .field("processors", &self.processors.len())
            .field("stats_interval", &self.stats_interval)
            .finish()
    }
}
