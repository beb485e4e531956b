//! The type of all counters.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows. Those that a usual request changes are striped:
/// [`LaneCounters`](crate::pipeline::lane_counters::LaneCounters).
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn increment(&self) {
        self.add(1);
    }

    pub(crate) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
