//! Counts the outcome of every item.

use crate::exporter::DropReason;
use crate::pipeline::counter::Counter;
use crate::pipeline::request_counters::RequestCounters;
use crate::pipeline::stats::{Dropped, Refused, Stats};

/// The pipeline's counters.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) accepted: Counter,
    pub(crate) delivered: Counter,
    dropped: [Counter; DropReason::COUNT],
    pub(crate) retried: Counter,
    pub(crate) refused_full: Counter,
    pub(crate) refused_closed: Counter,
    pub(crate) blacklisted: Counter,
    pub(crate) sampled_out: Counter,
    pub(crate) unknown_rate: Counter,
    pub(crate) discarded: Counter,
    pub(crate) processor_panics: Counter,
    pub(crate) requests: RequestCounters,
}

impl Ledger {
    pub(crate) fn dropped(&self, reason: DropReason) -> &Counter {
        &self.dropped[reason as usize]
    }

    pub(crate) fn stats(&self, queued: usize) -> Stats {
        Stats {
            accepted: self.accepted.get(),
            delivered: self.delivered.get(),
            dropped: Dropped::new(DropReason::ALL.map(|reason| self.dropped(reason).get())),
            queued: queued as u64,
            retried: self.retried.get(),
            refused: Refused { full: self.refused_full.get(), closed: self.refused_closed.get() },
            blacklisted: self.blacklisted.get(),
            sampled_out: self.sampled_out.get(),
            unknown_rate: self.unknown_rate.get(),
            discarded: self.discarded.get(),
            processor_panics: self.processor_panics.get(),
            requests: self.requests.counts(),
        }
    }
}
