//! Tracks flushes and shutdowns until they are complete.

use std::time::Duration;

use tokio::time::Instant;

use crate::pipeline::completion::Finisher;

/// The worker gives up this long before a shutdown's deadline, so that the rest is on disk and the report in time.
const REPORT_MARGIN: Duration = Duration::from_millis(200);

/// The flushes and shutdowns in progress.
#[derive(Debug, Default)]
pub(super) struct Flushes {
    flushes: Vec<Flush>,
    shutdowns: Vec<Finisher>,
    // When a shutdown drops the remaining items. `None`: no shutdown is in progress.
    gives_up: Option<Instant>,
}

/// A flush ends when the items before it are settled: first those that were queued when it began must be
/// taken from the queue, then those that were added to batches by then must be delivered, dropped, or on disk.
#[derive(Debug)]
struct Flush {
    // By lane of the queue, whose items are taken in their order.
    queued: Vec<usize>,
    added: u64,
    finisher: Finisher,
}

impl Flush {
    fn waits_for_queue(&self) -> bool {
        self.queued.iter().any(|queued| *queued > 0)
    }
}

impl Flushes {
    /// Begins a flush while this many items are queued in each lane and this many were added to batches.
    pub(super) fn begin(&mut self, finisher: Finisher, queued: Vec<usize>, added: u64) {
        self.flushes.push(Flush { queued, added, finisher });
    }

    /// Counts an item that was taken from this lane of the queue; `added` items were added to batches by now.
    pub(super) fn count_taken(&mut self, lane: usize, added: u64) {
        for flush in &mut self.flushes {
            if let Some(queued) = flush.queued.get_mut(lane).filter(|queued| **queued > 0) {
                *queued -= 1;
                flush.added = added;
            }
        }
    }

    /// Whether the open batch must close: a shutdown is in progress, or a flush waits for an item of that
    /// batch. `closed` items are in closed batches. Items that were added after the flush began do
    /// not close it.
    pub(super) fn need_close(&self, closed: u64) -> bool {
        self.gives_up.is_some() || self.flushes.iter().any(|flush| !flush.waits_for_queue() && flush.added > closed)
    }

    /// Completes flushes whose items are settled, and drops those whose deadline has passed. `oldest`: how many items
    /// were added to batches before the oldest one that is not settled.
    pub(super) fn finish(&mut self, oldest: Option<u64>, now: Instant) {
        for index in (0..self.flushes.len()).rev() {
            let flush = &self.flushes[index];
            if !flush.waits_for_queue() && oldest.is_none_or(|oldest| oldest >= flush.added) {
                self.flushes.swap_remove(index).finisher.finish();
            } else if Instant::from_std(flush.finisher.deadline()) <= now {
                self.flushes.swap_remove(index);
            }
        }
    }

    /// Begins a shutdown.
    pub(super) fn shut_down(&mut self, finisher: Finisher, now: Instant) {
        let deadline = Instant::from_std(finisher.deadline());
        let left = deadline.saturating_duration_since(now);
        self.shut_down_by(deadline - REPORT_MARGIN.min(left / 10));
        self.shutdowns.push(finisher);
    }

    /// Begins a shutdown that drops the remaining items at this time. Of several times the earliest counts.
    pub(super) fn shut_down_by(&mut self, gives_up: Instant) {
        self.gives_up = Some(self.gives_up.map_or(gives_up, |other| other.min(gives_up)));
    }

    /// When a shutdown drops the remaining items. `None`: no shutdown is in progress.
    pub(super) fn gives_up(&self) -> Option<Instant> {
        self.gives_up
    }

    pub(super) fn is_shutting_down(&self) -> bool {
        self.gives_up.is_some()
    }

    pub(super) fn finish_shutdowns(&mut self) {
        self.shutdowns.drain(..).for_each(Finisher::finish);
    }

    /// The next point in time at which a deadline passes.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let flushes = self.flushes.iter().map(|flush| Instant::from_std(flush.finisher.deadline()));
        flushes.chain(self.gives_up).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::completion::{self, Completion};
    use crate::pipeline::{Ledger, PipelineLimits, Queue};
    use std::sync::Arc;

    fn pair(deadline: Duration) -> (Completion, Finisher) {
        let queue = Queue::new(&PipelineLimits::default(), Arc::new(Ledger::default()));
        queue.accept_unqueued(1);
        completion::pair(std::time::Instant::now() + deadline, Arc::new(queue))
    }

    #[test]
    fn flush_ends_when_the_items_before_it_are_settled() {
        let mut flushes = Flushes::default();
        let (completion, finisher) = pair(Duration::from_secs(60));
        flushes.begin(finisher, vec![1, 1], 5);
        flushes.count_taken(0, 6);
        flushes.count_taken(0, 7);
        assert!(!flushes.need_close(0), "an item is still queued, although two were taken");
        flushes.count_taken(1, 7);
        assert!(flushes.need_close(6) && !flushes.need_close(7));
        flushes.finish(Some(6), Instant::now());
        assert!(flushes.next_deadline().is_some());
        flushes.finish(Some(7), Instant::now());
        assert!(flushes.next_deadline().is_none() && completion.wait().complete);
    }

    #[test]
    fn flush_is_incomplete_after_its_deadline() {
        let mut flushes = Flushes::default();
        let (completion, finisher) = pair(Duration::ZERO);
        flushes.begin(finisher, vec![1], 0);
        flushes.finish(Some(0), Instant::now());
        assert!(flushes.next_deadline().is_none() && !completion.wait().complete);
    }

    #[test]
    fn earliest_shutdown_counts_and_leaves_time_for_the_report() {
        let (mut flushes, now) = (Flushes::default(), Instant::now());
        let (_completion, finisher) = pair(Duration::from_secs(60));
        flushes.shut_down(finisher, now);
        assert!(flushes.gives_up().unwrap() <= now + Duration::from_secs(60) - REPORT_MARGIN / 2);
        flushes.shut_down_by(now + Duration::from_secs(90));
        assert!(flushes.gives_up().unwrap() < now + Duration::from_secs(60));
        assert!(flushes.is_shutting_down() && flushes.need_close(0));
    }
}
