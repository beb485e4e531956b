//! Batches that could not be sent: on disk if there is a store, otherwise in memory.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::exporter::Batch;
use crate::pipeline::drain::Drain;
use crate::pipeline::ledger::Ledger;
use crate::pipeline::queue::Queue;
use crate::store::{Store, Take};

/// How often old files are deleted, and the folders of ended processes are taken over.
const MAINTENANCE: Duration = Duration::from_secs(60);
/// The same while nothing is stored and there is no journal: a healthy program does not use the disk then.
const IDLE_MAINTENANCE: Duration = Duration::from_secs(10 * 60);
/// How long the counts may be wrong after another process has evicted segments of this one.
const STALE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Backlog {
    store: Option<Store>,
    // Without a store, or while it is full or fails.
    waiting: VecDeque<Batch>,
    drain: Drain,
    // Items that a journal keeps for the next process.
    left: usize,
    last_maintenance: Option<Instant>,
}

impl Backlog {
    pub(super) fn new() -> Self {
        Self { store: None, waiting: VecDeque::new(), drain: Drain::default(), left: 0, last_maintenance: None }
    }

    /// Uses a store from now on.
    pub(super) fn set_store(&mut self, store: Store, now: Instant) {
        self.store = Some(store);
        self.last_maintenance = Some(now);
        self.spread(now);
    }

    pub(super) fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// Closes the store: its files wait for the next process.
    pub(super) fn close(&mut self, ledger: &Ledger) {
        if let Some(store) = &mut self.store {
            store.close();
        }
        self.count(ledger);
        self.store = None;
    }

    /// Delays the next batch from disk by a random time.
    pub(super) fn spread(&mut self, now: Instant) {
        self.drain.spread(now);
    }

    /// Keeps a batch until it can be sent. Items that are stored are no longer queued.
    pub(super) fn put(&mut self, batch: Batch, queue: &Queue, now: Instant) {
        if let Some(batch) = self.store(batch, queue, now) {
            self.waiting.push_back(batch);
        }
    }

    /// Stores a batch. Returns it if it was not stored.
    pub(super) fn store(&mut self, batch: Batch, queue: &Queue, now: Instant) -> Option<Batch> {
        let Some(store) = &mut self.store else { return Some(batch) };
        if batch.is_empty() {
            return None;
        }
        if store.put(&batch, now.into_std()).is_err() {
            self.count(queue.ledger());
            return Some(batch);
        }
        self.count(queue.ledger());
        queue.settle(batch.len(), batch.size());
        None
    }

    /// Leaves a batch that cannot be stored in its journal, where the next process finds it. Returns whether all of its
    /// items are there.
    pub(super) fn leave(&mut self, batch: &Batch, queue: &Queue) -> bool {
        let is_journaled = self.store.is_some() && !batch.files.is_empty() && batch.journaled == batch.len();
        if is_journaled {
            self.left += batch.len();
            self.count(queue.ledger());
            queue.settle(batch.len(), batch.size());
        }
        is_journaled
    }

    /// Writes batches that wait in memory to the journal, if they are due. They were not stored, such as while another
    /// process had the lock.
    pub(super) fn journal_waiting(&mut self, is_due: impl Fn(&Batch) -> bool, ledger: &Ledger, now: Instant) {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.journal(waiting.iter_mut(), is_due, ledger, now);
        self.waiting = waiting;
    }

    /// The batches that wait in memory.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Batch> {
        self.waiting.iter()
    }

    /// Stores batches that wait in memory, if there is room by now.
    pub(super) fn store_waiting(&mut self, queue: &Queue, now: Instant) {
        while let Some(store) = &self.store
            && !store.is_full()
            && let Some(batch) = self.waiting.pop_front()
        {
            if let Some(batch) = self.store(batch, queue, now) {
                self.waiting.push_front(batch);
                return;
            }
        }
    }

    /// Takes the next batch from memory or disk.
    pub(super) fn take(&mut self, take: Take, queue: &Queue, now: Instant) -> Option<Batch> {
        if let Some(batch) = self.waiting.pop_front() {
            return Some(batch);
        }
        let batch = self.store.as_mut()?.take(take, now.into_std());
        if let Some(batch) = &batch {
            queue.load(batch.len(), batch.size());
        }
        self.count(queue.ledger());
        self.drain.pause(now);
        batch
    }

    /// Records what became of a batch: it was divided into this many parts, or is settled (0).
    pub(super) fn record(&mut self, batch: &Batch, parts: usize, ledger: &Ledger) {
        let Some(store) = self.store.as_mut().filter(|_| !batch.files.is_empty()) else { return };
        match parts {
            0 => store.settle(batch),
            1 => {}
            _ => store.divide(batch, parts),
        }
        self.count(ledger);
    }

    /// Writes the items to disk that are not there yet, of these batches that are due.
    pub(super) fn journal<'a>(
        &mut self,
        batches: impl Iterator<Item = &'a mut Batch>,
        is_due: impl Fn(&Batch) -> bool,
        ledger: &Ledger,
        now: Instant,
    ) {
        let Some(store) = &mut self.store else { return };
        let mut has_written = false;
        for batch in batches.filter(|batch| batch.journaled < batch.len() && is_due(batch)) {
            store.journal(batch, now.into_std());
            has_written = true;
        }
        if has_written {
            self.count(ledger);
        }
    }

    /// From time to time: deletes what is too old, takes over the folders of ended processes, and counts what other
    /// processes have evicted.
    pub(super) fn maintain(&mut self, queue: &Queue, now: Instant) {
        let (Some(store), Some(last)) = (&mut self.store, self.last_maintenance) else { return };
        let interval = match () {
            () if store.is_stale() => STALE,
            () if store.is_idle() => IDLE_MAINTENANCE,
            () => MAINTENANCE,
        };
        if now.saturating_duration_since(last) < interval {
            return;
        }
        self.last_maintenance = Some(now);
        store.maintain(now.into_std());
        self.count(queue.ledger());
        self.store_waiting(queue, now);
    }

    /// Why the store does not work, once.
    pub(super) fn take_trouble(&mut self) -> Option<String> {
        self.store.as_mut()?.take_trouble()
    }

    /// Whether a batch from disk or memory may be sent besides live batches.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        !self.waiting.is_empty() || (self.has_stored() && self.drain.allows(now))
    }

    /// When a batch from disk may be sent.
    pub(super) fn due(&self) -> Option<Instant> {
        self.drain.wait_ends().filter(|_| self.has_stored() && self.waiting.is_empty())
    }

    pub(super) fn has_stored(&self) -> bool {
        self.store.as_ref().is_some_and(|store| store.items() > 0)
    }

    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The order of the oldest item in memory.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.waiting.iter().filter_map(|batch| batch.order).min()
    }

    pub(super) fn take_waiting(&mut self) -> impl Iterator<Item = Batch> {
        self.waiting.drain(..)
    }

    /// Counts what happened on disk.
    pub(super) fn count(&mut self, ledger: &Ledger) {
        if let Some(store) = &mut self.store {
            ledger.count_stored(&store.take_changes(), store.items() + self.left);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::exporter::Destination;
    use crate::pipeline::limits::PipelineLimits;
    use crate::store::StoreOptions;

    /// Deletes a store's folder. Returns after how many seconds of an idle program it is there again.
    fn look_after(journal: bool) -> Option<u64> {
        let root = tempfile::tempdir().unwrap();
        let options = StoreOptions { journal, ..StoreOptions::new(root.path().join("store")) };
        let now = Instant::now();
        let store = Store::open(&options, Destination::new(["a"]), now.into_std()).unwrap();
        let mut backlog = Backlog::new();
        backlog.set_store(store, now);
        std::fs::remove_dir_all(&options.path).unwrap();
        let queue = Queue::new(&PipelineLimits::default(), Arc::new(Ledger::default()));
        (0..=600).find(|seconds| {
            backlog.maintain(&queue, now + Duration::from_secs(*seconds));
            options.path.exists()
        })
    }

    #[test]
    fn idle_store_without_a_journal_touches_the_disk_every_ten_minutes() {
        assert_eq!((look_after(true), look_after(false)), (Some(60), Some(600)));
    }
}
