//! The counters that a usual request changes.

use crate::pipeline::counter::Counter;
use crate::pipeline::request_counters::RequestCounters;

/// The counters that a usual request changes: each stripe of threads has its own.
#[derive(Debug, Default)]
pub(crate) struct LaneCounters {
    pub(crate) requests: RequestCounters,
    pub(crate) accepted: Counter,
    pub(crate) blacklisted: Counter,
    pub(crate) sampled_out: Counter,
    pub(crate) items_sampled_out: Counter,
}

/// The sums of several stripes.
#[derive(Debug, Default)]
pub(crate) struct LaneCounts {
    pub(super) started: u64,
    pub(super) finished: [u64; 6],
    pub(super) accepted: u64,
    pub(super) blacklisted: u64,
    pub(super) sampled_out: u64,
    pub(super) items_sampled_out: u64,
}

impl LaneCounts {
    /// The ends of requests are read first, in all stripes: a request that ends meanwhile counts as in flight, and there
    /// are never more ends than beginnings.
    pub(super) fn of<'a, I: Iterator<Item = &'a LaneCounters>>(stripes: impl Fn() -> I) -> Self {
        let mut counts = Self::default();
        for stripe in stripes() {
            counts.finished.iter_mut().zip(stripe.requests.finished()).for_each(|(sum, count)| *sum += count);
        }
        for stripe in stripes() {
            counts.started += stripe.requests.started();
            counts.accepted += stripe.accepted.get();
            counts.blacklisted += stripe.blacklisted.get();
            counts.sampled_out += stripe.sampled_out.get();
            counts.items_sampled_out += stripe.items_sampled_out.get();
        }
        counts
    }
}
