//! Counts the outcome of every item.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::exporter::DropReason;
use crate::pipeline::counter::Counter;
use crate::pipeline::lane_counters::LaneCounts;
use crate::pipeline::request_counts::RequestCounts;
use crate::pipeline::stats::{Dropped, Refused, Stats};
use crate::store::Changes;

/// The pipeline's counters, except for those of the queue's [lanes](crate::pipeline::lane_counters::LaneCounters).
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) delivered: Counter,
    dropped: [Counter; DropReason::COUNT],
    pub(crate) retried: Counter,
    pub(crate) recovered: Counter,
    set_aside: Counter,
    // Items on disk now.
    stored: AtomicU64,
    pub(crate) refused_full: Counter,
    pub(crate) refused_closed: Counter,
    pub(crate) unknown_rate: Counter,
    pub(crate) discarded: Counter,
    pub(crate) items_cut: Counter,
    pub(crate) processor_panics: Counter,
}

impl Ledger {
    pub(crate) fn dropped(&self, reason: DropReason) -> &Counter {
        &self.dropped[reason as usize]
    }

    /// Counts what happened on disk, where this many items are now.
    pub(crate) fn count_stored(&self, changes: &Changes, stored: usize) {
        self.recovered.add(changes.recovered);
        self.set_aside.add(changes.set_aside);
        self.dropped(DropReason::StoreFull).add(changes.evicted);
        self.dropped(DropReason::Expired).add(changes.expired);
        self.dropped(DropReason::Corrupt).add(changes.corrupt);
        self.stored.store(stored as u64, Ordering::Relaxed);
    }

    /// Items on disk.
    pub(crate) fn stored(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    /// The counters with those of the queue's lanes.
    pub(crate) fn stats(&self, queued: usize, lanes: LaneCounts) -> Stats {
        Stats {
            accepted: lanes.accepted,
            delivered: self.delivered.get(),
            dropped: Dropped::new(DropReason::ALL.map(|reason| self.dropped(reason).get())),
            queued: queued as u64,
            recovered: self.recovered.get(),
            stored: self.stored(),
            set_aside: self.set_aside.get(),
            retried: self.retried.get(),
            refused: Refused { full: self.refused_full.get(), closed: self.refused_closed.get() },
            blacklisted: lanes.blacklisted,
            sampled_out: lanes.sampled_out,
            unknown_rate: self.unknown_rate.get(),
            discarded: self.discarded.get(),
            items_sampled_out: lanes.items_sampled_out,
            items_cut: self.items_cut.get(),
            processor_panics: self.processor_panics.get(),
            requests: RequestCounts::new(lanes.started, lanes.finished),
        }
    }
}
