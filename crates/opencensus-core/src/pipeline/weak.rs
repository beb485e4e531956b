//! The weak handle of a pipeline.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::pipeline::completion::Completion;
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
#[derive(Clone)]
pub struct WeakPipeline {
    queue: Arc<Queue>,
    owner: Weak<dyn Flush>,
}

/// A running pipeline.
pub(super) trait Flush: Send + Sync {
    /// Sends the items that are queued.
    fn flush(&self, deadline: Duration) -> Completion;
}

impl WeakPipeline {
    pub(super) fn new(queue: Arc<Queue>, owner: Weak<dyn Flush>) -> Self {
        Self { queue, owner }
    }

    /// Sends all items that are queued now, as [`Pipeline::flush`](crate::Pipeline::flush) does. If the pipeline has ended,
    /// there is nothing to do.
    pub fn flush(&self, deadline: Duration) -> Completion {
        self.owner.upgrade().map_or_else(Completion::nothing_to_do, |owner| owner.flush(deadline))
    }

    /// Whether both are handles of one pipeline.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.queue, &other.queue)
    }

    pub(crate) fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// Accepts an item, or refuses it and counts the reason. It never blocks. After the pipeline's shutdown every
    /// item is refused.
    pub fn submit(&self, item: TelemetryItem) {
        self.queue.push(item);
    }
}

impl fmt::Debug for WeakPipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakPipeline").finish_non_exhaustive()
    }
}
