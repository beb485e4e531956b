//! All queues of a logging system.

use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

use crate::background::Drain;
use crate::lock::lock;

/// All queues of a logging system that may still hold records or mails, also those of replaced handlers.
#[derive(Default)]
pub(crate) struct Backlog {
    queues: Mutex<Vec<Weak<dyn Drain>>>,
}

impl Backlog {
    pub(crate) fn add(&self, queue: &Arc<dyn Drain>) {
        let mut queues = lock(&self.queues);
        queues.retain(|queue| queue.strong_count() > 0);
        queues.push(Arc::downgrade(queue));
    }

    /// Waits until all queues are drained. `false`: the deadline passed before.
    pub(crate) fn wait_drained(&self, deadline: Instant) -> bool {
        // Not `all`: each queue is waited for.
        self.queues().filter(|queue| !queue.wait_drained(deadline)).count() == 0
    }

    /// Stops the threads of all queues.
    pub(crate) fn stop(&self) {
        self.queues().for_each(|queue| queue.stop());
    }

    /// Waits until the threads of all queues have stopped. `false`: the deadline passed before.
    pub(crate) fn wait_stopped(&self, deadline: Instant) -> bool {
        self.queues().filter(|queue| !queue.wait_stopped(deadline)).count() == 0
    }

    fn queues(&self) -> impl Iterator<Item = Arc<dyn Drain>> {
        // Copied: nothing waits while the lock is held.
        let queues = lock(&self.queues).clone();
        queues.into_iter().filter_map(|queue| queue.upgrade())
    }
}
