//! Room for the items of requests that may be kept at their end.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::pipeline::limits::PipelineLimits;

/// Counts the items that wait for the end of their request. Their bytes are a part of the queue's.
#[derive(Debug)]
pub(crate) struct WaitingRoom {
    items: AtomicUsize,
    bytes: AtomicUsize,
    max_items: usize,
    max_bytes: usize,
    /// Bounds of one request.
    pub(crate) request_items: usize,
    pub(crate) request_bytes: usize,
}

impl WaitingRoom {
    pub(super) fn new(limits: &PipelineLimits) -> Self {
        Self {
            items: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            max_items: limits.waiting_items,
            max_bytes: limits.waiting_bytes,
            request_items: limits.request_items,
            request_bytes: limits.request_bytes,
        }
    }

    /// Takes room for one more item. Returns whether there was some.
    pub(super) fn enter(&self, bytes: usize) -> bool {
        let items = self.items.fetch_add(1, Ordering::Relaxed);
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let fits = items < self.max_items && before.saturating_add(bytes) <= self.max_bytes;
        if !fits {
            self.leave(1, bytes);
        }
        fits
    }

    pub(super) fn leave(&self, items: usize, bytes: usize) {
        self.items.fetch_sub(items, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_bounded_in_items_and_bytes() {
        let limits = PipelineLimits { waiting_items: 2, waiting_bytes: 10, ..PipelineLimits::default() };
        let room = WaitingRoom::new(&limits);
        assert!(room.enter(4) && !room.enter(7) && room.enter(6) && !room.enter(0));
        room.leave(1, 6);
        assert!(room.enter(6));
    }
}
