//! The bounded queue between the request threads and the worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_queue::ArrayQueue;
use tokio::sync::Notify;

use crate::exporter::DropReason;
use crate::notice;
use crate::pipeline::grpc_methods::GrpcMethods;
use crate::pipeline::ledger::Ledger;
use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::pending::Pending;
use crate::pipeline::queued::Queued;
use crate::pipeline::stats::Stats;
use crate::pipeline::waiting::WaitingRoom;
use crate::telemetry::TelemetryItem;

/// Queue, bounds and counters. A request thread touches only atomics here, and wakes the worker at most
/// once between two of the worker's rounds.
#[derive(Debug)]
pub(crate) struct Queue {
    queue: ArrayQueue<Queued>,
    // Items that were accepted and are not yet delivered or dropped, and their bytes.
    items: AtomicUsize,
    bytes: AtomicUsize,
    max_bytes: usize,
    // Bytes of the items in `queue`; more than a batch's worth wakes the worker.
    queued_bytes: AtomicUsize,
    batch_items: usize,
    batch_bytes: usize,
    is_closed: AtomicBool,
    worker_has_ended: AtomicBool,
    // The worker sleeps without a timer until it is notified.
    worker_is_idle: AtomicBool,
    is_notified: AtomicBool,
    // The worker has been woken to report refused items.
    is_refusing: AtomicBool,
    notify: Notify,
    ledger: Arc<Ledger>,
    waiting: WaitingRoom,
    // A child of a fork has no worker.
    process: u32,
    // Used by the worker alone.
    grpc_methods: GrpcMethods,
}

/// An item that was taken from the queue.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) item: TelemetryItem,
    /// The bytes that it was accepted with.
    pub(crate) size: usize,
    /// The lane that it was in.
    pub(crate) lane: usize,
}

impl Queue {
    pub(crate) fn new(limits: &PipelineLimits, ledger: Arc<Ledger>) -> Self {
        Self {
            queue: ArrayQueue::new(limits.max_items),
            items: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            max_bytes: limits.max_bytes,
            queued_bytes: AtomicUsize::new(0),
            batch_items: limits.batch_items,
            batch_bytes: limits.batch_bytes,
            is_closed: AtomicBool::new(false),
            worker_has_ended: AtomicBool::new(false),
            worker_is_idle: AtomicBool::new(false),
            is_notified: AtomicBool::new(false),
            is_refusing: AtomicBool::new(false),
            notify: Notify::new(),
            ledger,
            waiting: WaitingRoom::new(limits),
            process: std::process::id(),
            grpc_methods: GrpcMethods::default(),
        }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The gRPC methods that name operations.
    pub(crate) fn grpc_methods(&self) -> &GrpcMethods {
        &self.grpc_methods
    }

    pub(crate) fn stats(&self) -> Stats {
        self.ledger.stats(self.items.load(Ordering::SeqCst))
    }

    /// Items in the queue.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Items in each lane of the queue, which has one.
    pub(crate) fn lens(&self) -> Vec<usize> {
        vec![self.len()]
    }

    /// Whether there is room for one more item. If not, a refused request is counted.
    pub(crate) fn has_room(&self) -> bool {
        if self.is_closed.load(Ordering::Relaxed) {
            self.ledger.refused_closed.increment();
            return false;
        }
        let full = self.items.load(Ordering::Relaxed) >= self.queue.capacity()
            || self.bytes.load(Ordering::Relaxed) >= self.max_bytes;
        if full {
            self.refuse_full();
        }
        !full
    }

    /// The bounds of items that wait for the end of their request.
    pub(crate) fn waiting(&self) -> &WaitingRoom {
        &self.waiting
    }

    /// Takes room for an item that waits for the end of its request. Returns whether there was some.
    pub(crate) fn begin_wait(&self, bytes: usize) -> bool {
        let before = self.bytes.fetch_add(bytes, Ordering::SeqCst);
        let fits = before.saturating_add(bytes) <= self.max_bytes && self.waiting.enter(bytes);
        if !fits {
            self.bytes.fetch_sub(bytes, Ordering::SeqCst);
        }
        fits
    }

    /// Gives back the room of items that waited.
    pub(crate) fn end_wait(&self, items: usize, bytes: usize) {
        self.waiting.leave(items, bytes);
        self.bytes.fetch_sub(bytes, Ordering::SeqCst);
    }

    /// Accepts an item whose record the worker takes later, or refuses it and counts the reason.
    pub(crate) fn push_pending(&self, item: Arc<dyn Pending>, size: usize) -> bool {
        self.offer(Queued::pending(item, size))
    }

    /// Accepts an item, or refuses it and counts the reason.
    pub(crate) fn push(&self, item: TelemetryItem) {
        self.offer(Queued::ready(item));
    }

    /// Whether the item was accepted.
    fn offer(&self, queued: Queued) -> bool {
        if self.is_closed.load(Ordering::SeqCst) {
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
            self.refuse_full();
            return false;
        }
        self.ledger.accepted.increment();
        if self.worker_has_ended.load(Ordering::SeqCst) {
            self.drop_queued();
            return true;
        }
        // Sequentially consistent with `begin_idle`: either the worker sees the item before it sleeps, or
        // this thread sees that the worker sleeps.
        let queued_bytes = self.queued_bytes.fetch_add(size, Ordering::SeqCst).wrapping_add(size);
        let fills_a_batch =
            self.queue.len() >= self.batch_items || queued_bytes.cast_signed() >= self.batch_bytes.cast_signed();
        if self.worker_is_idle.load(Ordering::SeqCst) || fills_a_batch {
            self.notify_worker();
        }
        true
    }

    /// Counts an item that is refused because the queue is full. The first one after
    /// [`watch_refusals`](Self::watch_refusals) wakes the worker.
    #[cold]
    fn refuse_full(&self) {
        self.ledger.refused_full.increment();
        if !self.is_refusing.load(Ordering::Relaxed) && !self.is_refusing.swap(true, Ordering::SeqCst) {
            self.notify_worker();
        }
    }

    fn notify_worker(&self) {
        if !self.is_notified.load(Ordering::Relaxed) && !self.is_notified.swap(true, Ordering::SeqCst) {
            if self.is_forked() {
                return self.close_after_fork();
            }
            self.notify.notify_one();
        }
    }

    /// Whether this process is a child of the one that started the pipeline.
    pub(crate) fn is_forked(&self) -> bool {
        self.process != std::process::id()
    }

    /// Closes the queue of a forked child and drops its items, which the parent has, too.
    #[cold]
    fn close_after_fork(&self) {
        self.worker_ended();
        notice::warn(
            "telemetry was started before the process was forked, and the child has no worker: nothing is recorded \
             here; start telemetry in the child",
        );
    }

    /// Refuses items from now on.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
    }

    /// Closes the queue after the worker's end. Items that are still queued, or are being queued by another
    /// thread, are dropped and counted.
    pub(crate) fn worker_ended(&self) {
        self.close();
        self.worker_has_ended.store(true, Ordering::SeqCst);
        self.drop_queued();
    }

    fn drop_queued(&self) {
        while let Some(Taken { size, .. }) = self.pop() {
            self.ledger.dropped(DropReason::Shutdown).increment();
            self.settle(1, size);
        }
    }

    // The worker calls the following methods.

    /// Takes the oldest item and the bytes that it was accepted with. It counts as queued until it is
    /// [settled](Self::settle).
    pub(crate) fn pop(&self) -> Option<Taken> {
        loop {
            let queued = self.queue.pop()?;
            let size = queued.size();
            // The worker may subtract before the pushing thread has added; the sum is right in the end.
            self.queued_bytes.fetch_sub(size, Ordering::SeqCst);
            if let Some(item) = queued.into_item() {
                return Some(Taken { item, size, lane: 0 });
            }
            // Only the worker takes records. If another thread did, the numbers still add up.
            self.ledger.dropped(DropReason::Unsupported).increment();
            self.settle(1, size);
        }
    }

    /// Accepts an item that does not pass through the queue, without a check of the bounds: it is a part of
    /// an accepted item, or one of the pipeline's own few metrics.
    pub(crate) fn accept_unqueued(&self, bytes: usize) {
        self.items.fetch_add(1, Ordering::SeqCst);
        self.bytes.fetch_add(bytes, Ordering::SeqCst);
        self.ledger.accepted.increment();
    }

    /// Counts items that were loaded from disk.
    pub(crate) fn load(&self, items: usize, bytes: usize) {
        self.items.fetch_add(items, Ordering::SeqCst);
        self.bytes.fetch_add(bytes, Ordering::SeqCst);
    }

    /// Whether more than half of the bytes or of the items are taken.
    pub(crate) fn is_above_half(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.max_bytes / 2
            || self.items.load(Ordering::Relaxed) > self.queue.capacity() / 2
    }

    /// Changes the bytes that an item counts with.
    pub(crate) fn resize(&self, before: usize, now: usize) {
        if now >= before {
            self.bytes.fetch_add(now - before, Ordering::SeqCst);
        } else {
            self.bytes.fetch_sub(before - now, Ordering::SeqCst);
        }
    }

    /// Gives back the room of items that were delivered or dropped. Count them before: a thread that sees the
    /// queue settled must see complete counters.
    pub(crate) fn settle(&self, items: usize, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::SeqCst);
        self.items.fetch_sub(items, Ordering::SeqCst);
    }

    /// Whether encoded items have outgrown the bound, which is checked before they are encoded.
    pub(crate) fn is_over_limit(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.max_bytes
    }

    /// Items that were accepted and are not yet delivered or dropped.
    pub(crate) fn unsettled(&self) -> usize {
        self.items.load(Ordering::SeqCst)
    }

    /// Whether every accepted item is delivered or dropped.
    pub(crate) fn is_settled(&self) -> bool {
        self.items.load(Ordering::SeqCst) == 0
    }

    /// Announces that the worker is about to sleep until it is [notified](Self::notified). `false`: it must
    /// not, an item is queued.
    pub(crate) fn begin_idle(&self) -> bool {
        self.worker_is_idle.store(true, Ordering::SeqCst);
        if self.queue.is_empty() {
            return true;
        }
        self.worker_is_idle.store(false, Ordering::SeqCst);
        false
    }

    /// Lets the next refused item wake the worker.
    pub(crate) fn watch_refusals(&self) {
        self.is_refusing.store(false, Ordering::SeqCst);
    }

    /// Waits until a thread that pushed an item notifies the worker.
    pub(crate) async fn notified(&self) {
        self.notify.notified().await;
    }

    /// Announces that the worker is awake; the next notification counts again.
    pub(crate) fn end_idle(&self) {
        self.worker_is_idle.store(false, Ordering::SeqCst);
        self.is_notified.store(false, Ordering::SeqCst);
    }
}
