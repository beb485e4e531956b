//! A handle that does not keep its pipeline running.

use std::sync::Arc;

use crate::pipeline::queue::Queue;
use crate::telemetry::TelemetryItem;

/// A way into a pipeline that somebody else keeps running.
#[derive(Clone, Debug)]
pub struct WeakPipeline {
    queue: Arc<Queue>,
}

impl WeakPipeline {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Self { queue }
    }

    /// Takes an item, or refuses it and counts why. Never waits.
    pub fn submit(&self, item: TelemetryItem) {
        self.queue.push(item);
    }
}
