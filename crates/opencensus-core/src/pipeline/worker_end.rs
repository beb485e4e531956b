//! What the worker does with the items that are left when it ends.

use std::sync::Arc;

use tokio::time::Instant;

use crate::exporter::{Batch, DropReason};
use crate::pipeline::worker::Worker;

impl Worker {
    /// Whether a shutdown is complete: everything is settled, or was dropped and counted at the deadline.
    pub(super) fn is_shut_down(&mut self, now: Instant) -> bool {
        let Some(gives_up) = self.flushes.gives_up() else { return false };
        if gives_up <= now {
            self.drop_everything();
        }
        self.is_empty() && self.queue.len() == 0
    }

    /// Stores what is left. What cannot be stored is dropped and counted.
    fn drop_everything(&mut self) {
        let now = Instant::now();
        let in_flight = self.courier.abandon();
        let in_flight = in_flight.map(|batch| Arc::try_unwrap(batch).unwrap_or_else(|batch| batch.select(|_| true)));
        let waiting: Vec<_> = in_flight.into_iter().chain(self.backlog.take_waiting()).collect();
        waiting.into_iter().for_each(|batch| self.store_or_drop(batch, now));
        while self.backlog.has_store() && self.queue.len() > 0 {
            self.drain_queue(now);
            self.store_or_drop_all(now);
        }
        self.store_or_drop_all(now);
        let (mut items, mut bytes) = (0, 0);
        while let Some(taken) = self.queue.pop() {
            items += 1;
            bytes += taken.size;
        }
        self.count_dropped(DropReason::Shutdown, items);
        self.queue.settle(items, bytes);
    }

    fn store_or_drop_all(&mut self, now: Instant) {
        let batches: Vec<_> = self.batcher.drain().collect();
        batches.into_iter().for_each(|batch| self.store_or_drop(batch, now));
    }

    fn store_or_drop(&mut self, batch: Batch, now: Instant) {
        if let Some(batch) = self.backlog.store(batch, &self.queue, now)
            && !self.backlog.leave(&batch, &self.queue)
        {
            self.backlog.record(&batch, 0, self.queue.ledger());
            self.count_dropped(DropReason::Shutdown, batch.len());
            self.queue.settle(batch.len(), batch.size());
        }
    }

    pub(super) fn count_dropped(&mut self, reason: DropReason, items: usize) {
        if items > 0 {
            self.queue.ledger().dropped(reason).add(items);
        }
    }
}

/// Counts what the worker holds when it ends, even if it ends by a panic.
impl Drop for Worker {
    fn drop(&mut self) {
        self.drop_everything();
        self.queue.worker_ended();
    }
}
