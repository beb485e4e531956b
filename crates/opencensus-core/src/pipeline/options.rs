//! Options of a pipeline.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::processor::Processor;
use crate::pipeline::setup_check::SetupCheck;
use crate::store::StoreOptions;

/// Creates a value that is kept on the worker's thread until it ends, such as a guard that suppresses
/// telemetry there.
pub type ThreadGuard = Box<dyn FnOnce() -> Box<dyn Any> + Send>;

/// Options of a pipeline. Start from [`Default`].
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, Pipeline, PipelineOptions, TelemetryItem};
///
/// let mut options = PipelineOptions::default();
/// options.processors.push(Box::new(|item| !matches!(item, TelemetryItem::Message(_))));
/// let pipeline = Pipeline::start_with(Box::new(InMemoryExporter::default()), options)?;
/// # Ok::<(), opencensus_core::StartError>(())
/// ```
#[derive(Default)]
#[non_exhaustive]
pub struct PipelineOptions {
    /// Limits of memory, batches and waits.
    pub limits: PipelineLimits,
    /// Called once on the worker's thread; its result is kept there until the thread ends. Default: none.
    pub guard: Option<ThreadGuard>,
    /// Functions that change items or drop them before they are encoded, in their order. Default: none.
    pub processors: Vec<Processor>,
    /// How long after a change the pipeline exports its own counters as metrics: `Item_Success_Count`,
    /// `Item_Retry_Count`, and `Item_Dropped_Count` with a `drop.reason`, each with the change since the last
    /// report. The last report is exported before a shutdown. While the endpoint fails, reports wait. Default:
    /// never; at least 1 s, at most a year.
    pub stats_interval: Option<Duration>,
    /// Stores batches that cannot be sent on disk, if the exporter has a
    /// [destination](crate::Exporter::destination). Default: none, they wait in memory.
    pub store: Option<StoreOptions>,
    /// Warnings about middleware that is in the wrong place. Default: none.
    pub setup_check: SetupCheck,
}

impl fmt::Debug for PipelineOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipelineOptions")
            .field("limits", &self.limits)
            .field("guard", &self.guard.is_some())
            .field("processors", &self.processors.len())
            .field("stats_interval", &self.stats_interval)
            .field("store", &self.store)
            .field("setup_check", &self.setup_check)
            .finish()
    }
}
