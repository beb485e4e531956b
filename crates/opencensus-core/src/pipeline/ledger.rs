//! Counts what becomes of every item.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::pipeline::request_counts::{RequestCounters, RequestCounts};

/// A number that only grows. One type for all, so that it can be striped over cores in one place.
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

/// Why an accepted item was not delivered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DropReason {
    /// The endpoint refused it for good.
    Rejected,
    /// The endpoint's quota is used up.
    Quota,
    /// It was too large for the protocol.
    TooLarge,
    /// The exporter has no form for it.
    Unsupported,
    /// It could not be delivered for too long.
    Expired,
    /// It could not be delivered before the shutdown's deadline.
    Shutdown,
    /// The exporter panicked over it.
    ExporterPanicked,
    /// A processor did not want it.
    Processor,
}

impl DropReason {
    pub(crate) const COUNT: usize = 8;
    const ALL: [Self; Self::COUNT] = [
        Self::Rejected,
        Self::Quota,
        Self::TooLarge,
        Self::Unsupported,
        Self::Expired,
        Self::Shutdown,
        Self::ExporterPanicked,
        Self::Processor,
    ];

    /// The reason in snake case, as reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Quota => "quota",
            Self::TooLarge => "too_large",
            Self::Unsupported => "unsupported",
            Self::Expired => "expired",
            Self::Shutdown => "shutdown",
            Self::ExporterPanicked => "exporter_panicked",
            Self::Processor => "processor",
        }
    }
}

/// The pipeline's counters.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) accepted: Counter,
    pub(crate) delivered: Counter,
    dropped: [Counter; DropReason::ALL.len()],
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
            recovered: 0,
            delivered: self.delivered.get(),
            dropped: Dropped { counts: DropReason::ALL.map(|reason| self.dropped(reason).get()) },
            stored: 0,
            queued: queued as u64,
            retried: self.retried.get(),
            refused: Refused { full: self.refused_full.get(), closed: self.refused_closed.get() },
            blacklisted: self.blacklisted.get(),
            sampled_out: self.sampled_out.get(),
            unknown_rate: self.unknown_rate.get(),
            discarded: self.discarded.get(),
            processor_panics: self.processor_panics.get(),
            requests: self.requests.stats(),
        }
    }
}

/// What has become of the items, in numbers since the start.
///
/// At rest (after a flush, while no request is being handled):
/// `accepted + recovered = delivered + dropped.total() + stored + queued`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// Items that the queue took.
    pub accepted: u64,
    /// Items read from an earlier process's store. There is no store yet: 0.
    pub recovered: u64,
    /// Items that the endpoint took.
    pub delivered: u64,
    /// Items that are lost, by reason.
    pub dropped: Dropped,
    /// Items on disk. There is no store yet: 0.
    pub stored: u64,
    /// Items in the queue, in flight, or waiting for a retry.
    pub queued: u64,
    /// Items that were sent again, once for each time.
    pub retried: u64,
    /// Requests that left no item because the pipeline took none.
    pub refused: Refused,
    /// Requests that the blacklist hid.
    pub blacklisted: u64,
    /// Requests that the sampler did not keep.
    pub sampled_out: u64,
    /// Requests among the accepted ones whose [rate is unknown](crate::sampler): each stands for itself.
    pub unknown_rate: u64,
    /// Requests that the application discarded.
    pub discarded: u64,
    /// Panics in processors, which keep their item.
    pub processor_panics: u64,
    /// Requests that came in, whatever became of them.
    pub requests: RequestCounts,
}

/// Lost items by reason.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Dropped {
    counts: [u64; DropReason::ALL.len()],
}

/// Requests that the pipeline did not take.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Refused {
    /// The queue had no room for them.
    pub full: u64,
    /// The pipeline was shut down.
    pub closed: u64,
}

impl Dropped {
    /// Items lost for this reason.
    #[must_use]
    pub fn get(&self, reason: DropReason) -> u64 {
        self.counts[reason as usize]
    }

    /// Items lost for any reason.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Every reason for which items were lost.
    pub fn iter(&self) -> impl Iterator<Item = (DropReason, u64)> + '_ {
        DropReason::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }
}

impl Stats {
    /// Whether the numbers add up: see the type.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.accepted + self.recovered == self.delivered + self.dropped.total() + self.stored + self.queued
    }

    /// The numbers as one JSON object on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let dropped: Vec<_> =
            self.dropped.iter().map(|(reason, count)| format!("\"{}\":{count}", reason.as_str())).collect();
        format!(
            "{{\"accepted\":{},\"recovered\":{},\"delivered\":{},\"dropped\":{{{}}},\"stored\":{},\"queued\":{},\
             \"retried\":{},\"refused\":{{\"full\":{},\"closed\":{}}},\"blacklisted\":{},\"sampled_out\":{},\
             \"unknown_rate\":{},\"discarded\":{},\"processor_panics\":{},\"requests\":{}}}",
            self.accepted,
            self.recovered,
            self.delivered,
            dropped.join(","),
            self.stored,
            self.queued,
            self.retried,
            self.refused.full,
            self.refused.closed,
            self.blacklisted,
            self.sampled_out,
            self.unknown_rate,
            self.discarded,
            self.processor_panics,
            self.requests.to_json(),
        )
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} delivered", self.delivered)?;
        for (reason, count) in self.dropped.iter() {
            write!(f, ", {count} dropped ({})", reason.as_str())?;
        }
        let more = [
            (self.stored, "stored"),
            (self.queued, "still queued"),
            (self.refused.full, "refused (queue full)"),
            (self.refused.closed, "refused (closed)"),
            (self.blacklisted, "blacklisted"),
            (self.sampled_out, "sampled out"),
            (self.unknown_rate, "of unknown rate"),
            (self.discarded, "discarded"),
            (self.processor_panics, "panics in processors"),
        ];
        for (count, what) in more.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, ", {count} {what}")?;
        }
        Ok(())
    }
}
