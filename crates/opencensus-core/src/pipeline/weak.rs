//! The weak handle of a pipeline.

use std::sync::Arc;

use crate::pipeline::queue::Queue;
use crate::telemetry::TelemetryItem;

/// A handle that does not keep its pipeline running; [`Pipeline::downgrade`](crate::Pipeline::downgrade) creates it.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, MessageRecord, Origin, Pipeline, PipelineLimits};
/// use std::time::{Duration, SystemTime};
///
/// let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None)?;
/// let weak = pipeline.downgrade();
/// assert!(pipeline.shutdown(Duration::from_secs(5)).wait().complete);
/// weak.submit(MessageRecord::new(Origin::at(SystemTime::now()), "too late").into());
/// assert_eq!(pipeline.stats().refused.closed, 1);
/// # Ok::<(), opencensus_core::StartError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WeakPipeline {
    queue: Arc<Queue>,
}

impl WeakPipeline {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Self { queue }
    }

    /// Accepts an item, or refuses it and counts the reason. It never blocks. After the pipeline's shutdown every
    /// item is refused.
    pub fn submit(&self, item: TelemetryItem) {
        self.queue.push(item);
    }
}
