//! The bounded queue between the requests and the worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_queue::ArrayQueue;
use tokio::sync::Notify;

use crate::pipeline::ledger::{DropReason, Ledger, Stats};
use crate::pipeline::limits::PipelineLimits;
use crate::span::RequestSpan;
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

#[derive(Debug)]
struct Queued {
    item: Waiting,
    size: usize,
}

#[derive(Debug)]
enum Waiting {
    Request(Arc<RequestSpan>),
    Item(TelemetryItem),
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

    pub(crate) fn push_request(&self, span: Arc<RequestSpan>, size: usize, is_rate_known: bool) {
        if self.offer(Queued { item: Waiting::Request(span), size }) && !is_rate_known {
            self.ledger.unknown_rate.increment();
        }
    }

    pub(crate) fn push(&self, item: TelemetryItem) {
        let size = item.size();
        self.offer(Queued { item: Waiting::Item(item), size });
    }

    /// Whether it was accepted.
    fn offer(&self, queued: Queued) -> bool {
        if self.closed.load(Ordering::SeqCst) {
            self.ledger.refused_closed.increment();
            return false;
        }
        let size = queued.size;
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
            let Queued { item, size } = self.queue.pop()?;
            // The worker may be faster than the count of who pushed; together they are right.
            self.queued_bytes.fetch_sub(size, Ordering::SeqCst);
            match item {
                Waiting::Item(item) => return Some((item, size)),
                Waiting::Request(span) => match span.take() {
                    Some(record) => return Some((record.into(), size)),
                    // Nobody else takes records; if somebody did, the numbers still add up.
                    None => {
                        self.ledger.dropped(DropReason::Unsupported).increment();
                        self.settle(1, size);
                    }
                },
            }
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
