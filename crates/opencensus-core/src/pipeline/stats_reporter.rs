//! The pipeline's counters as metrics of its own.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::attribute::Attribute;
use crate::pipeline::stats::Stats;
use crate::telemetry::{MetricRecord, Origin, TelemetryItem};

/// No report is due sooner.
pub(super) const LEAST_INTERVAL: Duration = Duration::from_secs(1);

/// Tells every now and then what has become of the items since the last time, under the names that Microsoft's
/// exporters use for it in the user's own resource.
#[derive(Debug)]
pub(super) struct Reporter {
    every: Duration,
    due: Option<Instant>,
    told: Stats,
    // Items of the last report, which are no news when they arrive.
    own: u64,
}

impl Reporter {
    pub(super) fn new(every: Duration) -> Self {
        Self { every, due: None, told: Stats::default(), own: 0 }
    }

    /// When the next report is due. `None`: there is nothing to tell, and nobody wakes up for it.
    pub(super) fn due(&mut self, stats: &Stats, now: Instant) -> Option<Instant> {
        if !self.has_news(stats) {
            return None;
        }
        Some(*self.due.get_or_insert(now + self.every))
    }

    /// Whether anything has become of items that no report is about, beside the last report itself.
    pub(super) fn has_news(&self, stats: &Stats) -> bool {
        settled(stats) > settled(&self.told) + self.own || stats.refused != self.told.refused
    }

    /// What is to be told.
    pub(super) fn report(&mut self, stats: Stats, time: SystemTime) -> Vec<TelemetryItem> {
        let items: Vec<_> = changes(&self.told, &stats)
            .into_iter()
            .filter(|(_, _, count)| *count > 0)
            .map(|(name, reason, count)| metric(time, name, reason, count))
            .collect();
        self.due = None;
        self.own = items.len() as u64;
        self.told = stats;
        items
    }
}

fn settled(stats: &Stats) -> u64 {
    stats.delivered + stats.dropped.total()
}

type Change = (&'static str, Option<&'static str>, u64);

fn changes(before: &Stats, now: &Stats) -> Vec<Change> {
    let dropped = now.dropped.iter().map(|(reason, count)| (reason.as_str(), count - before.dropped.get(reason)));
    let refused = [
        ("queue_full", now.refused.full - before.refused.full),
        ("closed", now.refused.closed - before.refused.closed),
    ];
    [
        ("Item_Success_Count", None, now.delivered - before.delivered),
        ("Item_Retry_Count", None, now.retried - before.retried),
    ]
    .into_iter()
    .chain(dropped.chain(refused).map(|(reason, count)| ("Item_Dropped_Count", Some(reason), count)))
    .collect()
}

fn metric(time: SystemTime, name: &'static str, reason: Option<&'static str>, count: u64) -> TelemetryItem {
    #[expect(clippy::cast_precision_loss, reason = "nobody counts beyond 2^53 items between two reports")]
    let mut record = MetricRecord::new(Origin::at(time), name, count as f64);
    record.attributes.extend(reason.map(|reason| Attribute::new("drop.reason", reason)));
    record.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exporter::DropReason;
    use crate::pipeline::ledger::Ledger;

    fn told(items: &[TelemetryItem]) -> Vec<(String, String, f64)> {
        let metric = |item: &TelemetryItem| match item {
            TelemetryItem::Metric(metric) => {
                let reason = metric.attributes.first().map(|attribute| attribute.value.to_string());
                (metric.name.to_string(), reason.unwrap_or_default(), metric.value)
            }
            other => panic!("{other:?}"),
        };
        items.iter().map(metric).collect()
    }

    #[test]
    fn a_report_tells_what_is_new_and_its_own_items_are_no_news() {
        let (ledger, now) = (Ledger::default(), Instant::now());
        let mut reporter = Reporter::new(Duration::from_secs(60));
        assert_eq!(reporter.due(&ledger.stats(0), now), None, "nothing has happened");
        ledger.delivered.add(5);
        ledger.refused_full.add(2);
        ledger.dropped(DropReason::Quota).add(3);
        let due = reporter.due(&ledger.stats(0), now);
        assert_eq!(due, Some(now + Duration::from_secs(60)));
        assert_eq!(reporter.due(&ledger.stats(0), now + Duration::from_secs(1)), due, "it is not put off");
        let items = reporter.report(ledger.stats(0), SystemTime::now());
        let dropped = |reason: &str, count| ("Item_Dropped_Count".to_owned(), reason.to_owned(), count);
        let succeeded = |count| ("Item_Success_Count".to_owned(), String::new(), count);
        assert_eq!(told(&items), [succeeded(5.0), dropped("quota", 3.0), dropped("queue_full", 2.0)]);
        ledger.delivered.add(3);
        assert!(!reporter.has_news(&ledger.stats(0)), "the report itself has arrived");
        ledger.delivered.add(1);
        assert!(reporter.has_news(&ledger.stats(0)));
        assert_eq!(told(&reporter.report(ledger.stats(0), SystemTime::now())), [succeeded(4.0)]);
    }
}
