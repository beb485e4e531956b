//! The bounded queue between the request threads and the worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::exporter::DropReason;
use crate::notice;
use crate::pipeline::grpc_methods::GrpcMethods;
use crate::pipeline::lane::{Lane, Load};
use crate::pipeline::lane_counters::{LaneCounters, LaneCounts};
use crate::pipeline::ledger::Ledger;
use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::pending::Pending;
use crate::pipeline::queued::{Queued, TakenItem};
use crate::pipeline::room::{Chunk, Room};
use crate::pipeline::stats::Stats;
use crate::pipeline::stripe::{Padded, Striped};
use crate::pipeline::waiting::WaitingRoom;
use crate::telemetry::TelemetryItem;

/// Queue, bounds and counters. A request thread touches only atomics here, and wakes the worker at most
/// once between two of the worker's rounds.
///
/// Threads meet here as rarely as possible: each writes to the [lane](Lane) of its stripe, which has room for a
/// few items [in advance](crate::pipeline::room::Credit). What the stripes share is only read, except for every
/// 16th item with the default limits. The order of one thread's items is kept, that of items of different stripes is not.
#[derive(Debug)]
pub(crate) struct Queue {
    lanes: Striped<Lane>,
    // The lane from which the worker takes the next item, and how many it has taken from it.
    turn: Padded<AtomicUsize>,
    room: Room,
    chunk: Chunk,
    state: AtomicU8,
    // A lane with this much wakes the worker: the part of a batch that it has when all lanes in use have one.
    wake_items: AtomicUsize,
    wake_bytes: AtomicUsize,
    batch: Load,
    signals: Padded<Signals>,
    ledger: Arc<Ledger>,
    waiting: WaitingRoom,
    // A child of a fork has no worker.
    process: u32,
    // Used by the worker alone.
    grpc_methods: GrpcMethods,
}

/// What wakes the worker.
#[derive(Debug, Default)]
struct Signals {
    is_notified: AtomicBool,
    // The worker has been woken to report refused items.
    is_refusing: AtomicBool,
    notify: Notify,
}

/// Bits of the queue's state, which a request thread reads at once.
const CLOSED: u8 = 1;
const WORKER_HAS_ENDED: u8 = 2;
/// The worker sleeps without a timer until it is notified.
const WORKER_IS_IDLE: u8 = 4;

/// How many items the worker takes from a lane before it turns to the next one.
const TURN: usize = 32;

impl Queue {
    pub(crate) fn new(limits: &PipelineLimits, ledger: Arc<Ledger>) -> Self {
        let lanes = Striped::new(Lane::new);
        Self {
            turn: Padded::default(),
            room: Room::new(limits),
            chunk: Chunk::new(limits, lanes.len()),
            state: AtomicU8::new(0),
            wake_items: AtomicUsize::new(limits.batch_items),
            wake_bytes: AtomicUsize::new(limits.batch_bytes),
            batch: Load { items: limits.batch_items, bytes: limits.batch_bytes },
            signals: Padded::default(),
            ledger,
            waiting: WaitingRoom::new(limits),
            process: std::process::id(),
            grpc_methods: GrpcMethods::default(),
            lanes,
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
        // First: a thread that sees the queue settled must see complete counters.
        let queued = self.unsettled();
        self.ledger.stats(queued, LaneCounts::of(|| self.lanes.iter().map(Lane::counters)))
    }

    /// The part of this thread.
    #[inline]
    pub(crate) fn lane(&self) -> &Lane {
        self.lanes.of_thread()
    }

    /// The counters that a usual request changes, of this thread.
    #[inline]
    pub(crate) fn counters(&self) -> &LaneCounters {
        self.lane().counters()
    }

    /// Whether a request has begun.
    pub(crate) fn has_begun(&self) -> bool {
        self.lanes.iter().any(|lane| lane.counters().requests.has_begun())
    }

    /// Items in the queue.
    pub(crate) fn len(&self) -> usize {
        self.lanes.iter().map(Lane::len).sum()
    }

    /// Items in each lane of the queue.
    pub(crate) fn lens(&self) -> Vec<usize> {
        self.lanes.iter().map(Lane::len).collect()
    }

    fn is(&self, bits: u8) -> bool {
        self.state.load(Ordering::SeqCst) & bits != 0
    }

    /// Whether there is room for one more item. If not, a refused request is counted.
    pub(crate) fn has_room(&self) -> bool {
        self.has_room_for(self.lane())
    }

    /// The same for a thread whose lane is known.
    #[inline]
    pub(crate) fn has_room_for(&self, lane: &Lane) -> bool {
        let is_open = !self.is(CLOSED);
        is_open && lane.credit().items() > 0 || self.has_room_of_others()
    }

    /// The same if the thread's lane has nothing in advance, or if the queue is closed.
    #[cold]
    #[inline(never)]
    fn has_room_of_others(&self) -> bool {
        if self.is(CLOSED) {
            self.ledger.refused_closed.increment();
            return false;
        }
        if self.room.has_some() {
            return true;
        }
        self.recall();
        let has_some = self.room.has_some();
        if !has_some {
            self.refuse_full();
        }
        has_some
    }

    /// The bounds of items that wait for the end of their request.
    pub(crate) fn waiting(&self) -> &WaitingRoom {
        &self.waiting
    }

    /// Takes room for an item that waits for the end of its request. Returns whether there was some.
    pub(crate) fn begin_wait(&self, bytes: usize) -> bool {
        if !self.take_room(0, bytes) {
            return false;
        }
        let fits = self.waiting.enter(bytes);
        if !fits {
            self.room.give_back(0, bytes);
        }
        fits
    }

    /// Gives back the room of items that waited.
    pub(crate) fn end_wait(&self, items: usize, bytes: usize) {
        self.waiting.leave(items, bytes);
        self.room.give_back(0, bytes);
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
        if self.is(CLOSED) {
            self.ledger.refused_closed.increment();
            return false;
        }
        let lane = self.lane();
        let size = queued.size();
        if !lane.credit().spend(size) {
            return self.offer_with_chunk(lane, queued, size);
        }
        self.enqueue(lane, queued);
        true
    }

    /// [`offer`](Self::offer) for every few items: takes room for the item, and for some more in advance.
    #[cold]
    fn offer_with_chunk(&self, lane: &Lane, queued: Queued, size: usize) -> bool {
        self.recall_from(lane);
        let Chunk { items, bytes } = self.chunk;
        let mut taken = Load { items: 1, bytes: size };
        if items > 0 && self.room.take(items + 1, bytes + size) {
            lane.credit().add(self.chunk);
            taken = Load { items: items + 1, bytes: bytes + size };
        } else if !self.take_room(1, size) {
            self.refuse_full();
            return false;
        }
        self.enqueue(lane, queued);
        let before = lane.fresh().add(taken);
        let fills_its_part = before.items + 1 >= self.wake_items.load(Ordering::Relaxed)
            || before.bytes + size >= self.wake_bytes.load(Ordering::Relaxed);
        if fills_its_part {
            self.notify_worker();
        }
        true
    }

    #[inline]
    fn enqueue(&self, lane: &Lane, queued: Queued) {
        lane.counters().accepted.increment();
        lane.push(queued);
        // Sequentially consistent with `begin_idle`: either the worker sees the item before it sleeps, or
        // this thread sees that the worker sleeps.
        let state = self.state.load(Ordering::SeqCst);
        if state != 0 {
            self.wake(state);
        }
    }

    /// Takes room, if necessary from what the stripes hold in advance.
    fn take_room(&self, items: usize, bytes: usize) -> bool {
        if self.room.take(items, bytes) {
            return true;
        }
        self.recall();
        self.room.take(items, bytes)
    }

    /// Makes what the stripes hold in advance available to all.
    fn recall(&self) {
        self.lanes.iter().for_each(|lane| self.recall_from(lane));
    }

    fn recall_from(&self, lane: &Lane) {
        let Chunk { items, bytes } = lane.credit().take();
        if items > 0 || bytes > 0 {
            self.room.give_back(items, bytes);
        }
    }

    /// Handles an item that was queued while the worker sleeps or has ended.
    #[cold]
    fn wake(&self, state: u8) {
        if state & WORKER_HAS_ENDED != 0 { self.drop_queued() } else { self.notify_worker() }
    }

    /// Counts an item that is refused because the queue is full. The first one after
    /// [`watch_refusals`](Self::watch_refusals) wakes the worker.
    #[cold]
    fn refuse_full(&self) {
        self.ledger.refused_full.increment();
        let is_refusing = &self.signals.0.is_refusing;
        if !is_refusing.load(Ordering::Relaxed) && !is_refusing.swap(true, Ordering::SeqCst) {
            self.notify_worker();
        }
    }

    fn notify_worker(&self) {
        let Signals { is_notified, notify, .. } = &self.signals.0;
        // Sequentially consistent with `end_idle`, after which the worker sees every item whose thread read `true` here.
        if !is_notified.load(Ordering::SeqCst) && !is_notified.swap(true, Ordering::SeqCst) {
            if self.is_forked() {
                return self.close_after_fork();
            }
            notify.notify_one();
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
        self.state.fetch_or(CLOSED, Ordering::SeqCst);
    }

    /// Closes the queue after the worker's end. Items that are still queued, or are being queued by another
    /// thread, are dropped and counted.
    pub(crate) fn worker_ended(&self) {
        self.state.fetch_or(CLOSED | WORKER_HAS_ENDED, Ordering::SeqCst);
        self.drop_queued();
    }

    fn drop_queued(&self) {
        while let Some(taken) = self.pop() {
            self.ledger.dropped(DropReason::Shutdown).increment();
            self.settle(1, taken.size);
        }
    }

    // The worker calls the following methods.

    /// Takes the oldest item of the lane whose turn it is. It counts as queued until it is [settled](Self::settle).
    pub(crate) fn pop(&self) -> Option<TakenItem> {
        loop {
            let (queued, lane) = self.next()?;
            let size = queued.size();
            if let Some(item) = queued.into_item() {
                return Some(TakenItem { item, size, lane });
            }
            // Only the worker takes records. If another thread did, the numbers still add up.
            self.ledger.dropped(DropReason::Unsupported).increment();
            self.settle(1, size);
        }
    }

    fn next(&self) -> Option<(Queued, usize)> {
        let turn = self.turn.0.load(Ordering::Relaxed);
        for turns in 0..=self.lanes.len() {
            let begins = if turns == 0 { turn } else { (turn / TURN + turns).wrapping_mul(TURN) };
            let lane = begins / TURN % self.lanes.len();
            if let Some(queued) = self.lanes.get(lane).pop() {
                self.turn.0.store(begins.wrapping_add(1), Ordering::Relaxed);
                return Some((queued, lane));
            }
        }
        None
    }

    /// Accepts an item that does not pass through the queue, without a check of the bounds: it is a part of
    /// an accepted item, or one of the pipeline's own few metrics.
    pub(crate) fn accept_unqueued(&self, bytes: usize) {
        self.room.exceed(1, bytes);
        self.counters().accepted.increment();
    }

    /// Counts items that were loaded from disk.
    pub(crate) fn load(&self, items: usize, bytes: usize) {
        self.room.exceed(items, bytes);
    }

    /// Whether more than half of the bytes or of the items are taken.
    pub(crate) fn is_above_half(&self) -> bool {
        self.is_above(self.room.max_bytes() / 2) || self.unsettled() > self.room.max_items() / 2
    }

    /// Changes the bytes that an item counts with.
    pub(crate) fn resize(&self, before: usize, now: usize) {
        if now >= before {
            self.room.exceed(0, now - before);
        } else {
            self.room.give_back(0, before - now);
        }
    }

    /// Gives back the room of items that were delivered or dropped. Count them before: a thread that sees the
    /// queue settled must see complete counters.
    pub(crate) fn settle(&self, items: usize, bytes: usize) {
        self.room.give_back(items, bytes);
    }

    /// Whether encoded items have outgrown the bound, which is checked before they are encoded.
    pub(crate) fn is_over_limit(&self) -> bool {
        self.is_above(self.room.max_bytes())
    }

    /// Whether items take more than this many bytes, without the room that stripes hold in advance.
    fn is_above(&self, bytes: usize) -> bool {
        let taken = self.room.bytes();
        taken > bytes && taken.saturating_sub(self.lanes.iter().map(|lane| lane.credit().bytes()).sum()) > bytes
    }

    /// Items that were accepted and are not yet delivered or dropped. An estimate while other threads queue items: what a
    /// stripe gives back meanwhile is missing.
    pub(crate) fn unsettled(&self) -> usize {
        let in_advance: usize = self.lanes.iter().map(|lane| lane.credit().items()).sum();
        self.room.items().saturating_sub(in_advance)
    }

    /// Whether every accepted item is delivered or dropped.
    pub(crate) fn is_settled(&self) -> bool {
        // Nothing is subtracted, so that it is exact. A stripe takes room in advance only together with an item.
        self.recall();
        self.room.items() == 0
    }

    /// Announces that the worker is about to sleep until it is [notified](Self::notified). `false`: it must
    /// not, an item is queued.
    pub(crate) fn begin_idle(&self) -> bool {
        self.state.fetch_or(WORKER_IS_IDLE, Ordering::SeqCst);
        let is_empty = self.lanes.iter().all(Lane::is_empty);
        if !is_empty {
            self.state.fetch_and(!WORKER_IS_IDLE, Ordering::SeqCst);
        }
        is_empty
    }

    /// Lets the next refused item wake the worker.
    pub(crate) fn watch_refusals(&self) {
        self.signals.0.is_refusing.store(false, Ordering::SeqCst);
    }

    /// Waits until a thread that pushed an item notifies the worker.
    pub(crate) async fn notified(&self) {
        self.signals.0.notify.notified().await;
    }

    /// Announces that the worker is awake; the next notification counts again.
    pub(crate) fn end_idle(&self) {
        if self.is(WORKER_IS_IDLE) {
            self.state.fetch_and(!WORKER_IS_IDLE, Ordering::SeqCst);
        }
        self.share_batch();
        self.lanes.iter().for_each(|lane| lane.fresh().reset());
        self.signals.0.is_notified.store(false, Ordering::SeqCst);
    }

    /// Divides the batch that wakes the worker among the lanes that are in use. Should others fill meanwhile, there is
    /// still free room for all.
    fn share_batch(&self) {
        let (lanes, used) = (self.lanes.len(), self.lanes.iter().filter(|lane| !lane.is_empty()).count().max(1));
        let part = |batch: usize, limit: usize| (batch / used).min(limit / lanes * 3 / 4).max(1);
        let items = part(self.batch.items, self.room.max_items().saturating_sub(self.room.items()));
        let bytes = part(self.batch.bytes, self.room.max_bytes().saturating_sub(self.room.bytes()));
        for (wakes, now) in [(&self.wake_items, items), (&self.wake_bytes, bytes)] {
            if wakes.load(Ordering::Relaxed) != now {
                wakes.store(now, Ordering::Relaxed);
            }
        }
    }
}
