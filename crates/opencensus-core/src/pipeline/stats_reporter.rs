//! Exports the pipeline's counters as metrics.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::attribute::Attribute;
use crate::pipeline::stats::Stats;
use crate::telemetry::{MetricRecord, Origin, TelemetryItem};

/// The shortest interval between two reports.
pub(super) const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// Reports the changes of the counters since the last report as metrics, under the names that Microsoft's
/// exporters use for them in the user's own resource.
#[derive(Debug)]
pub(super) struct StatsReporter {
    interval: Duration,
    due: Option<Instant>,
    reported: Stats,
    // Items of the last report. Their own delivery is no reason for another report.
    own_items: u64,
}

impl StatsReporter {
    pub(super) fn new(interval: Duration) -> Self {
        Self { interval, due: None, reported: Stats::default(), own_items: 0 }
    }

    /// When the next report is due. `None`: nothing has changed, so no timer is needed.
    pub(super) fn due(&mut self, stats: &Stats, now: Instant) -> Option<Instant> {
        if !self.has_changes(stats) {
            return None;
        }
        Some(*self.due.get_or_insert(now + self.interval))
    }

    /// Whether items were settled or refused since the last report, besides the items of the report itself.
    fn has_changes(&self, stats: &Stats) -> bool {
        settled(stats) > settled(&self.reported) + self.own_items || stats.refused != self.reported.refused
    }

    /// Creates the metrics of a report.
    pub(super) fn report(&mut self, stats: Stats, time: SystemTime) -> Vec<TelemetryItem> {
        let items: Vec<_> = changes(&self.reported, &stats)
            .into_iter()
            .filter(|(_, _, count)| *count > 0)
            .map(|(name, reason, count)| metric(time, name, reason, count))
            .collect();
        self.due = None;
        self.own_items = items.len() as u64;
        self.reported = stats;
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
    #[expect(clippy::cast_precision_loss, reason = "there are never 2^53 items between two reports")]
    let mut record = MetricRecord::new(Origin::at(time), name, count as f64);
    record.attributes.extend(reason.map(|reason| Attribute::new("drop.reason", reason)));
    record.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exporter::DropReason;
    use crate::pipeline::lane_counters::LaneCounts;
    use crate::pipeline::ledger::Ledger;

    fn metrics(items: &[TelemetryItem]) -> Vec<(String, String, f64)> {
        let metric = |item: &TelemetryItem| match item {
            TelemetryItem::Metric(metric) => {
                let reason = metric.attributes.first().map(|attribute| attribute.value.to_string());
                (metric.name.to_string(), reason.unwrap_or_default(), metric.value)
            }
            other => panic!("{other:?}"),
        };
        items.iter().map(metric).collect()
    }

    fn stats(ledger: &Ledger) -> Stats {
        ledger.stats(0, LaneCounts::default())
    }

    #[test]
    fn report_holds_changes_and_is_not_a_change_itself() {
        let (ledger, now) = (Ledger::default(), Instant::now());
        let mut reporter = StatsReporter::new(Duration::from_secs(60));
        assert_eq!(reporter.due(&stats(&ledger), now), None, "nothing has changed");
        ledger.delivered.add(5);
        ledger.refused_full.add(2);
        ledger.dropped(DropReason::Quota).add(3);
        let due = reporter.due(&stats(&ledger), now);
        assert_eq!(due, Some(now + Duration::from_secs(60)));
        assert_eq!(reporter.due(&stats(&ledger), now + Duration::from_secs(1)), due, "it is not put off");
        let items = reporter.report(stats(&ledger), SystemTime::now());
        let dropped = |reason: &str, count| ("Item_Dropped_Count".to_owned(), reason.to_owned(), count);
        let succeeded = |count| ("Item_Success_Count".to_owned(), String::new(), count);
        assert_eq!(metrics(&items), [succeeded(5.0), dropped("quota", 3.0), dropped("queue_full", 2.0)]);
        ledger.delivered.add(3);
        assert!(!reporter.has_changes(&stats(&ledger)), "the report itself was delivered");
        ledger.delivered.add(1);
        assert!(reporter.has_changes(&stats(&ledger)));
        assert_eq!(metrics(&reporter.report(stats(&ledger), SystemTime::now())), [succeeded(4.0)]);
    }
}
