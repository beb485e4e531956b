//! Items that wait for the end of their request.

use std::fmt;

use crate::pipeline::QueueRef;
use crate::telemetry::TelemetryItem;

/// The items of a request that may be kept at its end. Their room is given back when this is dropped.
pub(super) struct WaitingItems {
    items: Vec<TelemetryItem>,
    bytes: usize,
    // There were too many: none is kept.
    is_cut: bool,
    queue: QueueRef,
}

impl WaitingItems {
    pub(super) fn new(queue: &QueueRef) -> Self {
        Self { items: Vec::new(), bytes: 0, is_cut: false, queue: queue.clone() }
    }

    /// Adds an item. If there is no room for it, the request's items are cut; they are returned to be dropped.
    pub(super) fn push(&mut self, item: TelemetryItem, size: usize) -> Vec<TelemetryItem> {
        let room = self.queue.waiting();
        let fits = self.items.len() < room.request_items && self.bytes + size <= room.request_bytes;
        if self.is_cut || !fits || !self.queue.begin_wait(size) {
            self.is_cut = true;
            let mut cut = self.take();
            cut.push(item);
            return cut;
        }
        self.bytes += size;
        self.items.push(item);
        Vec::new()
    }

    /// Whether there were too many.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Takes the items, and gives back their room.
    pub(super) fn take(&mut self) -> Vec<TelemetryItem> {
        self.queue.end_wait(self.items.len(), std::mem::take(&mut self.bytes));
        std::mem::take(&mut self.items)
    }
}

impl Drop for WaitingItems {
    fn drop(&mut self) {
        self.take();
    }
}

impl fmt::Debug for WaitingItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitingItems").field("items", &self.items.len()).finish_non_exhaustive()
    }
}
