//! The bound of items and bytes, and the parts of it that stripes hold in advance.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::stripe::Padded;

/// Counts the items that were accepted and are not yet delivered or dropped, and their bytes. What stripes
/// [hold](Credit) in advance is a part of it, so the bounds are never exceeded.
#[derive(Debug)]
pub(super) struct Room {
    taken: Padded<Taken>,
    max_items: usize,
    max_bytes: usize,
}

#[derive(Debug, Default)]
struct Taken {
    items: AtomicUsize,
    bytes: AtomicUsize,
}

impl Room {
    pub(super) fn new(limits: &PipelineLimits) -> Self {
        Self { taken: Padded::default(), max_items: limits.max_items, max_bytes: limits.max_bytes }
    }

    /// Takes room. Returns whether there was some.
    pub(super) fn take(&self, items: usize, bytes: usize) -> bool {
        let Taken { items: taken_items, bytes: taken_bytes } = &self.taken.0;
        let has_items = raise(taken_items, items, self.max_items);
        let has_all = has_items && raise(taken_bytes, bytes, self.max_bytes);
        if has_items && !has_all {
            taken_items.fetch_sub(items, Ordering::SeqCst);
        }
        has_all
    }

    /// Takes room without a check.
    pub(super) fn exceed(&self, items: usize, bytes: usize) {
        self.taken.0.items.fetch_add(items, Ordering::SeqCst);
        self.taken.0.bytes.fetch_add(bytes, Ordering::SeqCst);
    }

    pub(super) fn give_back(&self, items: usize, bytes: usize) {
        self.taken.0.bytes.fetch_sub(bytes, Ordering::SeqCst);
        self.taken.0.items.fetch_sub(items, Ordering::SeqCst);
    }

    pub(super) fn items(&self) -> usize {
        self.taken.0.items.load(Ordering::SeqCst)
    }

    pub(super) fn bytes(&self) -> usize {
        self.taken.0.bytes.load(Ordering::SeqCst)
    }

    /// Whether there is room for an item of some bytes.
    pub(super) fn has_some(&self) -> bool {
        let Taken { items, bytes } = &self.taken.0;
        items.load(Ordering::Relaxed) < self.max_items && bytes.load(Ordering::Relaxed) < self.max_bytes
    }

    pub(super) fn max_items(&self) -> usize {
        self.max_items
    }

    pub(super) fn max_bytes(&self) -> usize {
        self.max_bytes
    }
}

/// Adds, unless the sum exceeds the bound: other threads never see a sum above it.
fn raise(taken: &AtomicUsize, by: usize, max: usize) -> bool {
    let sum = |taken: usize| taken.checked_add(by).filter(|sum| *sum <= max);
    by == 0 || taken.fetch_update(Ordering::SeqCst, Ordering::Relaxed, sum).is_ok()
}

/// Room that one stripe has taken in advance, so that its threads rarely use the shared [`Room`]. Items and bytes are
/// in one word, which one operation changes.
#[derive(Debug, Default)]
pub(super) struct Credit(AtomicU64);

/// How many items and bytes a stripe takes at once, in advance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) items: usize,
    pub(super) bytes: usize,
}

impl Chunk {
    const MOST: Self = Self { items: 32, bytes: 32 * 1024 };

    /// All stripes together hold at most a sixteenth of the bounds, and each one a small part of a batch: it is the
    /// precision with which a full batch is noticed. None if limits are so small that precision matters.
    pub(super) fn new(limits: &PipelineLimits, stripes: usize) -> Self {
        let part = |limit: usize, batch: usize, most: usize| (limit / (16 * stripes)).min(batch / 32).min(most);
        Self {
            items: part(limits.max_items, limits.batch_items, Self::MOST.items),
            bytes: part(limits.max_bytes, limits.batch_bytes, Self::MOST.bytes),
        }
    }
}

impl Credit {
    /// Uses room for one item. Returns whether there was some.
    #[inline]
    pub(super) fn spend(&self, bytes: usize) -> bool {
        let mut credit = self.0.load(Ordering::Relaxed);
        while items_of(credit) > 0 && bytes_of(credit) >= bytes {
            let left = credit - packed(1, bytes);
            match self.0.compare_exchange_weak(credit, left, Ordering::SeqCst, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => credit = now,
            }
        }
        false
    }

    pub(super) fn add(&self, chunk: Chunk) {
        self.0.fetch_add(packed(chunk.items, chunk.bytes), Ordering::SeqCst);
    }

    /// Takes everything.
    pub(super) fn take(&self) -> Chunk {
        let credit = if self.0.load(Ordering::Relaxed) == 0 { 0 } else { self.0.swap(0, Ordering::SeqCst) };
        Chunk { items: items_of(credit), bytes: bytes_of(credit) }
    }

    #[inline]
    pub(super) fn items(&self) -> usize {
        items_of(self.0.load(Ordering::SeqCst))
    }

    pub(super) fn bytes(&self) -> usize {
        bytes_of(self.0.load(Ordering::SeqCst))
    }
}

const fn packed(items: usize, bytes: usize) -> u64 {
    (items as u64) << 32 | bytes as u64
}

const fn items_of(packed: u64) -> usize {
    (packed >> 32) as usize
}

const fn bytes_of(packed: u64) -> usize {
    (packed & 0xFFFF_FFFF) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_bounded_in_items_and_bytes() {
        let limits = PipelineLimits { max_items: 3, max_bytes: 10, ..PipelineLimits::default() };
        let room = Room::new(&limits);
        assert!(room.take(1, 4) && !room.take(1, 7) && !room.take(3, 1) && room.take(2, 6));
        assert!(!room.has_some() && !room.take(0, 1) && room.take(0, 0));
        room.give_back(1, 4);
        assert!(room.has_some() && room.items() == 2 && room.bytes() == 6);
        room.exceed(5, 50);
        assert_eq!((room.items(), room.bytes()), (7, 56));
    }

    #[test]
    fn credit_is_spent_until_items_or_bytes_are_used_up() {
        let credit = Credit::default();
        assert!(!credit.spend(0));
        credit.add(Chunk { items: 2, bytes: 10 });
        assert!(credit.spend(4) && !credit.spend(7));
        assert_eq!((credit.items(), credit.bytes()), (1, 6));
        assert!(credit.spend(6) && !credit.spend(0));
        credit.add(Chunk { items: 1, bytes: 1 });
        let Chunk { items, bytes } = credit.take();
        assert_eq!((items, bytes, credit.items()), (1, 1, 0));
    }

    #[test]
    fn stripes_hold_a_small_part_of_the_bounds() {
        let limits = PipelineLimits { max_items: 10, max_bytes: 3200, ..PipelineLimits::default() };
        let chunk = Chunk::new(&limits, 4);
        assert_eq!((chunk.items, chunk.bytes), (0, 50));
        let chunk = Chunk::new(&PipelineLimits { batch_items: 31, ..PipelineLimits::default() }, 4);
        assert_eq!((chunk.items, chunk.bytes), (0, 32 * 1024));
        let chunk = Chunk::new(&PipelineLimits::default(), 64);
        assert_eq!((chunk.items, chunk.bytes), (15, 8192));
    }
}
