//! The bounded queue between the requests and the worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_queue::ArrayQueue;
use tokio::sync::Notify;

use crate::exporter::DropReason;
use crate::pipeline::ledger::Ledger;
use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::pending::Pending;
use crate::pipeline::stats::Stats;
use crate::telemetry::TelemetryItem;

/// Queue, bounds and counters. The request's thread only ever touches atomics here, and wakes the
/// worker at most once between two of its rounds.
#[derive(Debug)]
pub(crate) struct Queue {
    queue: ArrayQueue<Queued>,
    // Accepted and not yet delivered or dropped.
    items: AtomicUsize,
    bytes: AtomicUsize,
    max_bytes: usize,
    // Those still in the queue; more than a batch's worth calls the worker.
    queued_bytes: AtomicUsize,
    high_water: usize,
    high_water_bytes: usize,
    closed: AtomicBool,
    // There is no worker any more.
    gone: AtomicBool,
    // The worker sleeps until somebody calls.
    idle: AtomicBool,
    woken: AtomicBool,
    wake: Notify,
    ledger: Arc<Ledger>,
}

/// An item and the bytes that it was accepted with. They are 32 bits wide so that the queue's memory, which is
/// allocated at the start, stays at three words an item; a larger item counts as 4 GiB.
#[derive(Debug)]
enum Queued {
    Pending { item: Arc<dyn Pending>, size: u32 },
    Ready { item: TelemetryItem, size: u32 },
}

impl Queued {
    fn size(&self) -> usize {
        let (Self::Pending { size, .. } | Self::Ready { size, .. }) = self;
        *size as usize
    }

    fn into_item(self) -> Option<TelemetryItem> {
        match self {
            Self::Pending { item, .. } => item.take(),
            Self::Ready { item, .. } => Some(item),
        }
    }
}

impl Queue {
    pub(crate) fn new(limits: &PipelineLimits, ledger: Arc<Ledger>) -> Self {
        Self {
            queue: ArrayQueue::new(limits.max_items),
            items: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            max_bytes: limits.max_bytes,
            queued_bytes: AtomicUsize::new(0),
            high_water: limits.batch_items,
            high_water_bytes: limits.batch_bytes,
            closed: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            idle: AtomicBool::new(false),
            woken: AtomicBool::new(false),
            wake: Notify::new(),
            ledger,
        }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(crate) fn stats(&self) -> Stats {
        self.ledger.stats(self.items.load(Ordering::SeqCst))
    }

    /// Items in the queue.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether a request that begins now has a chance; if not, it is counted as refused.
    pub(crate) fn has_room(&self) -> bool {
        if self.closed.load(Ordering::Relaxed) {
            self.ledger.refused_closed.increment();
            return false;
        }
        let full = self.items.load(Ordering::Relaxed) >= self.queue.capacity()
            || self.bytes.load(Ordering::Relaxed) >= self.max_bytes;
        if full {
            self.ledger.refused_full.increment();
        }
        !full
    }

    /// Accepts an item whose record the worker takes later, or refuses it and counts why.
    pub(crate) fn push_pending(&self, item: Arc<dyn Pending>, size: usize) -> bool {
        self.offer(Queued::Pending { item, size: saturate(size) })
    }

    pub(crate) fn push(&self, item: TelemetryItem) {
        let size = saturate(item.size());
        self.offer(Queued::Ready { item, size });
    }

    /// Whether it was accepted.
    fn offer(&self, queued: Queued) -> bool {
        if self.closed.load(Ordering::SeqCst) {
            self.ledger.refused_closed.increment();
            return false;
        }
        let size = queued.size();
        let items = self.items.fetch_add(1, Ordering::SeqCst);
        let bytes = self.bytes.fetch_add(size, Ordering::SeqCst);
        let fits = items < self.queue.capacity() && bytes + size <= self.max_bytes;
        if !fits || self.queue.push(queued).is_err() {
            self.bytes.fetch_sub(size, Ordering::SeqCst);
            self.items.fetch_sub(1, Ordering::SeqCst);
            self.ledger.refused_full.increment();
            return false;
        }
        self.ledger.accepted.increment();
        if self.gone.load(Ordering::SeqCst) {
            self.drop_queued();
            return true;
        }
        // Sequentially consistent with `rest`: either the worker sees the item before it sleeps,
        // or it is seen here that the worker sleeps.
        let queued_bytes = self.queued_bytes.fetch_add(size, Ordering::SeqCst).wrapping_add(size);
        let is_high =
            self.queue.len() >= self.high_water || queued_bytes.cast_signed() >= self.high_water_bytes.cast_signed();
        if self.idle.load(Ordering::SeqCst) || is_high {
            self.wake();
        }
        true
    }

    fn wake(&self) {
        if !self.woken.load(Ordering::Relaxed) && !self.woken.swap(true, Ordering::SeqCst) {
            self.wake.notify_one();
        }
    }

    /// Takes no more items.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// The worker ends: nothing is taken any more, and what is still queued, now or in a moment, is
    /// dropped and counted.
    pub(crate) fn worker_is_gone(&self) {
        self.close();
        self.gone.store(true, Ordering::SeqCst);
        self.drop_queued();
    }

    fn drop_queued(&self) {
        while let Some((_, size)) = self.pop() {
            self.ledger.dropped(DropReason::Shutdown).increment();
            self.settle(1, size);
        }
    }

    // What follows is the worker's.

    /// Takes the oldest item off the queue. It counts until [`settle`](Self::settle).
    pub(crate) fn pop(&self) -> Option<(TelemetryItem, usize)> {
        loop {
            let queued = self.queue.pop()?;
            let size = queued.size();
            // The worker may subtract before the pushing thread has added; the sum is right in the end.
            self.queued_bytes.fetch_sub(size, Ordering::SeqCst);
            if let Some(item) = queued.into_item() {
                return Some((item, size));
            }
            // Only the worker takes records. If another thread did, the numbers still add up.
            self.ledger.dropped(DropReason::Unsupported).increment();
            self.settle(1, size);
        }
    }

    /// Accepts an item that is in nobody's queue. The bounds were kept when what it was taken out of came in;
    /// a report of one's own is small.
    pub(crate) fn accept_more(&self, bytes: usize) {
        self.items.fetch_add(1, Ordering::SeqCst);
        self.bytes.fetch_add(bytes, Ordering::SeqCst);
        self.ledger.accepted.increment();
    }

    /// An item takes this many bytes now.
    pub(crate) fn resize(&self, before: usize, now: usize) {
        if now >= before {
            self.bytes.fetch_add(now - before, Ordering::SeqCst);
        } else {
            self.bytes.fetch_sub(before - now, Ordering::SeqCst);
        }
    }

    /// Items are delivered or dropped.
    pub(crate) fn settle(&self, items: usize, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::SeqCst);
        self.items.fetch_sub(items, Ordering::SeqCst);
    }

    /// Whether the encoded items have outgrown the bound, which was kept when they came in.
    pub(crate) fn is_overgrown(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.max_bytes
    }

    /// Whether every accepted item is delivered or dropped.
    pub(crate) fn is_settled(&self) -> bool {
        self.items.load(Ordering::SeqCst) == 0
    }

    /// Says whether the worker is about to sleep until it is called. `false`: there is an item.
    pub(crate) fn rest(&self) -> bool {
        self.idle.store(true, Ordering::SeqCst);
        if self.queue.is_empty() {
            return true;
        }
        self.idle.store(false, Ordering::SeqCst);
        false
    }

    /// Waits for a call.
    pub(crate) async fn called(&self) {
        self.wake.notified().await;
    }

    /// The worker is up; calls count again.
    pub(crate) fn up(&self) {
        self.idle.store(false, Ordering::SeqCst);
        self.woken.store(false, Ordering::SeqCst);
    }
}

fn saturate(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queued_item_takes_three_words() {
        assert_eq!(size_of::<Queued>(), 3 * size_of::<usize>());
    }
}
