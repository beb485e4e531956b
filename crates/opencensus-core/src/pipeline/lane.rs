//! The part of the queue that belongs to one stripe of threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_queue::SegQueue;

use crate::pipeline::lane_counters::LaneCounters;
use crate::pipeline::queued::Queued;
use crate::pipeline::room::Credit;
use crate::pipeline::stripe::Padded;

/// Items of one stripe, oldest first, and its counters. The memory of the items grows by blocks of 31, and is freed as
/// they are taken.
#[derive(Debug)]
pub(crate) struct Lane {
    items: SegQueue<Queued>,
    counters: Padded<LaneCounters>,
    // On lines of their own: the worker reads and resets them, and not the counters.
    bounds: Padded<Bounds>,
}

#[derive(Debug, Default)]
struct Bounds {
    credit: Credit,
    fresh: Fresh,
}

/// Items and bytes for which the stripe has taken room since the worker's last round.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    items: AtomicUsize,
    bytes: AtomicUsize,
}

/// Some items and their bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Load {
    pub(super) items: usize,
    pub(super) bytes: usize,
}

impl Lane {
    pub(super) fn new() -> Self {
        Self { items: SegQueue::new(), counters: Padded::default(), bounds: Padded::default() }
    }

    #[inline]
    pub(crate) fn counters(&self) -> &LaneCounters {
        &self.counters.0
    }

    /// Room that was taken in advance.
    #[inline]
    pub(super) fn credit(&self) -> &Credit {
        &self.bounds.0.credit
    }

    pub(super) fn fresh(&self) -> &Fresh {
        &self.bounds.0.fresh
    }

    /// Appends an item. Sequentially consistent with [`is_empty`](Self::is_empty), as is the thread's next operation on
    /// the queue's state: either the worker sees the item, or the thread sees that the worker sleeps.
    #[inline]
    pub(super) fn push(&self, item: Queued) {
        self.items.push(item);
    }

    /// Takes the oldest item.
    pub(super) fn pop(&self) -> Option<Queued> {
        self.items.pop()
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl Fresh {
    /// Adds. Returns the sum before.
    pub(super) fn add(&self, load: Load) -> Load {
        Load {
            items: self.items.fetch_add(load.items, Ordering::Relaxed),
            bytes: self.bytes.fetch_add(load.bytes, Ordering::Relaxed),
        }
    }

    /// Starts again.
    pub(super) fn reset(&self) {
        if self.items.load(Ordering::Relaxed) > 0 {
            self.items.store(0, Ordering::Relaxed);
            self.bytes.store(0, Ordering::Relaxed);
        }
    }
}
