//! The pipeline's counters as users see them.

use std::fmt;

use crate::exporter::DropReason;
use crate::pipeline::request_counts::RequestCounts;

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
    counts: [u64; DropReason::COUNT],
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
    pub(super) fn new(counts: [u64; DropReason::COUNT]) -> Self {
        Self { counts }
    }

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
