//! The public form of the pipeline's counters.

use std::fmt;

use crate::exporter::DropReason;
use crate::pipeline::request_counts::RequestCounts;

/// The pipeline's counters since its start.
///
/// Every accepted item is delivered, dropped for a counted reason, stored on disk, or still queued. At rest (after a
/// flush, while no request is being handled) `accepted + recovered = delivered + dropped.total() + stored + queued`;
/// see [`balances`](Self::balances). Requests that are not accepted are counted apart, by the reason.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, MessageRecord, Origin, Pipeline, PipelineLimits};
/// use std::time::{Duration, SystemTime};
///
/// let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None)?;
/// pipeline.submit(MessageRecord::new(Origin::at(SystemTime::now()), "hello").into());
/// let stats = pipeline.flush(Duration::from_secs(5)).wait().stats;
/// assert_eq!((stats.accepted, stats.delivered, stats.queued), (1, 1, 0));
/// assert!(stats.balances());
/// assert_eq!(stats.to_string(), "1 delivered");
/// # Ok::<(), opencensus_core::StartError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// Items that the queue accepted.
    pub accepted: u64,
    /// Items that the endpoint accepted.
    pub delivered: u64,
    /// Lost items, by reason.
    pub dropped: Dropped,
    /// Items in the queue, in flight, or waiting for a retry.
    pub queued: u64,
    /// Items of earlier processes that were found in the [store](crate::store) on disk.
    pub recovered: u64,
    /// Items in the store on disk. They are sent later, by this process or the next one.
    pub stored: u64,
    /// Files in the store that were set aside because they were damaged or foreign.
    pub set_aside: u64,
    /// Items that were sent again, counted each time.
    pub retried: u64,
    /// Requests and other items that the pipeline refused.
    pub refused: Refused,
    /// Requests that the blacklist excluded.
    pub blacklisted: u64,
    /// Requests that the sampler dropped.
    pub sampled_out: u64,
    /// Accepted requests whose [rate is unknown](crate::sampler): each represents only itself.
    pub unknown_rate: u64,
    /// Requests that the application discarded.
    pub discarded: u64,
    /// Items of requests that are not kept, such as their log lines.
    pub items_sampled_out: u64,
    /// Items of requests that had [too many](crate::PipelineLimits::request_items) to wait for the request's end.
    pub items_cut: u64,
    /// Panics in processors. Their items are kept.
    pub processor_panics: u64,
    /// All requests that began and ended, whether they were recorded or not.
    pub requests: RequestCounts,
}

/// Lost items by reason.
///
/// # Examples
///
/// ```
/// use opencensus_core::{DropReason, Stats};
///
/// let dropped = Stats::default().dropped;
/// assert_eq!((dropped.get(DropReason::Quota), dropped.total(), dropped.iter().count()), (0, 0, 0));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Dropped {
    counts: [u64; DropReason::COUNT],
}

/// Requests and other items that the pipeline refused, by reason.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Refused {
    /// The queue was full.
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

    /// The reasons for which items were lost, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (DropReason, u64)> + '_ {
        DropReason::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }
}

impl Stats {
    /// Whether every accepted item is accounted for: `accepted + recovered = delivered + dropped.total() + stored +
    /// queued`. While items move, this may be false for a moment.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.accepted + self.recovered == self.delivered + self.dropped.total() + self.stored + self.queued
    }

    /// Formats the counters as a JSON object on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let dropped: Vec<_> =
            self.dropped.iter().map(|(reason, count)| format!("\"{}\":{count}", reason.as_str())).collect();
        format!(
            "{{\"accepted\":{},\"delivered\":{},\"dropped\":{{{}}},\"queued\":{},\"recovered\":{},\"stored\":{},\"set_aside\":{},\"retried\":{},\
             \"refused\":{{\"full\":{},\"closed\":{}}},\"blacklisted\":{},\"sampled_out\":{},\
             \"unknown_rate\":{},\"discarded\":{},\"items_sampled_out\":{},\"items_cut\":{},\"processor_panics\":{},\"requests\":{}}}",
            self.accepted,
            self.delivered,
            dropped.join(","),
            self.queued,
            self.recovered,
            self.stored,
            self.set_aside,
            self.retried,
            self.refused.full,
            self.refused.closed,
            self.blacklisted,
            self.sampled_out,
            self.unknown_rate,
            self.discarded,
            self.items_sampled_out,
            self.items_cut,
            self.processor_panics,
            self.requests.to_json(),
        )
    }
}

/// One line for people: the number of delivered items, then every other counter that is not zero.
impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} delivered", self.delivered)?;
        for (reason, count) in self.dropped.iter() {
            write!(f, ", {count} dropped ({})", reason.as_str())?;
        }
        let others = [
            (self.recovered, "recovered from disk"),
            (self.stored, "stored on disk"),
            (self.queued, "still queued"),
            (self.set_aside, "damaged or foreign files set aside"),
            (self.refused.full, "refused (queue full)"),
            (self.refused.closed, "refused (closed)"),
            (self.blacklisted, "blacklisted"),
            (self.sampled_out, "sampled out"),
            (self.unknown_rate, "of unknown rate"),
            (self.discarded, "discarded"),
            (self.processor_panics, "panics in processors"),
        ];
        for (count, label) in others.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, ", {count} {label}")?;
        }
        Ok(())
    }
}
