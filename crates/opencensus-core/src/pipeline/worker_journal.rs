//! What the worker writes to the journal, which survives the end of the process.

use std::time::Duration;

use tokio::time::Instant;

use crate::exporter::Batch;
use crate::pipeline::worker::Worker;

/// How long the oldest item of a batch waits in the pipeline before the batch is written to the journal. A batch that is
/// delivered sooner never touches the disk, unless the exporter holds it while it sends it: under load, writing an item
/// costs about as much as encoding it.
const DELAY: Duration = Duration::from_millis(50);

impl Worker {
    /// Writes the items of batches whose oldest item has waited for [`DELAY`].
    pub(super) fn write_journal(&mut self, now: Instant) {
        if !self.has_journal {
            return;
        }
        let is_due = |batch: &Batch| due(batch).is_some_and(|due| due <= now);
        let batches = self.batcher.batches_mut().chain(self.courier.batch_mut());
        self.backlog.journal(batches, is_due, self.queue.ledger(), now);
        self.backlog.journal_waiting(is_due, self.queue.ledger(), now);
    }

    /// Writes the items of a batch that cannot be written later, because the exporter will hold it, too.
    pub(super) fn write_journal_before_sending(&mut self, batch: &mut Batch, now: Instant) {
        if self.has_journal && self.courier.shares_batches() {
            self.backlog.journal(std::iter::once(batch), |_| true, self.queue.ledger(), now);
        }
    }

    /// When the journal is written next, if there are items. Those of the queue have no batch yet.
    pub(super) fn journal_due(&mut self, now: Instant) -> Option<Instant> {
        if !self.has_journal {
            return None;
        }
        let queued = self.queue_age.since() + DELAY;
        let batches = self.batcher.batches_mut().chain(self.courier.batch_mut());
        let waiting = self.backlog.waiting().filter_map(due);
        let due = batches.filter_map(|batch| due(batch)).chain(waiting).min().map_or(queued, |due| due.min(queued));
        // What is due already could not be written: another process has the lock.
        Some(if due <= now { now + DELAY } else { due })
    }
}

fn due(batch: &Batch) -> Option<Instant> {
    Some(Instant::from_std(batch.unjournaled_since()?) + DELAY)
}
