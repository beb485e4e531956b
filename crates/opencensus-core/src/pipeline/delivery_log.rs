//! Decides which lines about failed deliveries, losses and refusals are logged, without I/O.
//!
//! The first failure is logged at once, later ones at most once a minute. Each line has the numbers since the line
//! before, so that the numbers of all lines add up to the counters. One line reports that telemetry is delivered again.

use std::time::Duration;

use tokio::time::Instant;

use crate::exporter::FailureCause;
use crate::pipeline::losses::{Losses, items};
use crate::pipeline::settle::{Pace, Settlement};

/// The shortest time between two lines of one kind.
const INTERVAL: Duration = Duration::from_secs(60);

/// A line for the operator.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Line {
    Warning(String),
    Info(String),
}

/// The counters that the lines report.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) losses: Losses,
    /// Requests and other items that were refused because the queue was full.
    pub(super) refused: u64,
    /// Items that wait for delivery.
    pub(super) waiting: usize,
    /// Items on disk.
    pub(super) stored: u64,
}

#[derive(Debug, Default)]
pub(super) struct DeliveryLog {
    outage: Option<Outage>,
    has_recovered: bool,
    cause: Option<FailureCause>,
    // What the lines so far have reported.
    logged: Counts,
    last_failure: Option<Instant>,
    last_refusal: Option<Instant>,
}

/// Failed attempts since the last one that succeeded.
#[derive(Clone, Copy, Debug)]
struct Outage {
    since: Instant,
    attempts: u32,
    is_retried: bool,
    // Attempts that the last line reported.
    logged: u32,
}

impl DeliveryLog {
    /// Records the outcome of a batch. `has_parts`: further parts of a bisected batch wait to be sent.
    pub(super) fn record(&mut self, settlement: &Settlement, has_parts: bool, now: Instant) {
        if settlement.is_halved {
            return;
        }
        if let Some(cause) = &settlement.cause {
            self.cause = Some(cause.clone());
        }
        let is_retried = matches!(settlement.pace, Pace::BackOff { .. } | Pace::ItemsBackOff);
        if settlement.delivered == 0 || is_retried {
            let begun = Outage { since: now, attempts: 0, is_retried, logged: 0 };
            let outage = self.outage.get_or_insert(begun);
            outage.attempts = outage.attempts.saturating_add(1);
            outage.is_retried = is_retried;
        } else if !has_parts {
            self.has_recovered = self.outage.is_some();
        }
    }

    /// Whether the endpoint failed last.
    pub(super) fn is_failing(&self) -> bool {
        self.outage.is_some()
    }

    /// The next line to log. `is_last`: the pipeline ends, so that nothing can be reported later.
    pub(super) fn next(&mut self, counts: &Counts, now: Instant, is_last: bool) -> Option<Line> {
        self.refusal(counts, now, is_last)
            .or_else(|| self.failure(counts, now, is_last))
            .or_else(|| self.recovery(counts, now))
    }

    /// When the next line is due, if it waits.
    pub(super) fn due(&self, counts: &Counts) -> Option<Instant> {
        let failure = self.last_failure.filter(|_| self.has_failure(counts));
        let refusal = self.last_refusal.filter(|_| counts.refused > self.logged.refused);
        [failure, refusal].into_iter().flatten().min().map(|last| last + INTERVAL)
    }

    fn has_failure(&self, counts: &Counts) -> bool {
        let is_failing = self.outage.is_some_and(|outage| outage.attempts > outage.logged) && !self.has_recovered;
        is_failing || !counts.losses.since(self.logged.losses).is_empty()
    }

    fn failure(&mut self, counts: &Counts, now: Instant, is_last: bool) -> Option<Line> {
        let is_due = is_last || is_over(self.last_failure, now);
        if !is_due || !self.has_failure(counts) || self.has_recovered_after_a_line() {
            return None;
        }
        self.last_failure = Some(now);
        let losses = counts.losses.since(self.logged.losses);
        self.logged.losses = counts.losses;
        let head = match &self.outage {
            Some(outage) if outage.is_retried && !is_last => "telemetry is not delivered, it is sent again",
            Some(outage) if !outage.is_retried => "telemetry is rejected",
            _ if losses.is_empty() && counts.stored > 0 => "telemetry was not delivered, the next process sends it",
            _ => "telemetry was lost",
        };
        let cause = self.cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
        let text = format!("{head}{cause}{}", self.numbers(losses, counts));
        match &mut self.outage {
            Some(outage) => outage.logged = outage.attempts,
            None => self.cause = None,
        }
        Some(Line::Warning(text))
    }

    /// ` (3 failed attempts, 12 items waiting, lost: 1 item rejected by the endpoint)`.
    fn numbers(&self, losses: Losses, counts: &Counts) -> String {
        let waiting = counts.waiting;
        let attempts = self.outage.map(|outage| attempts(outage.attempts - outage.logged));
        let waiting = self.outage.filter(|_| waiting > 0).map(|_| format!("{} waiting", items(waiting as u64)));
        let stored = (counts.stored > 0).then(|| format!("{} on disk", items(counts.stored)));
        let lost = (!losses.is_empty()).then(|| format!("lost: {losses}"));
        let parts: Vec<_> = [attempts, waiting, stored, lost].into_iter().flatten().collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }

    fn refusal(&mut self, counts: &Counts, now: Instant, is_last: bool) -> Option<Line> {
        let refused = counts.refused.saturating_sub(self.logged.refused);
        if refused == 0 || !(is_last || is_over(self.last_refusal, now)) {
            return None;
        }
        self.last_refusal = Some(now);
        self.logged.refused = counts.refused;
        let reason = match &self.cause {
            Some(cause) if self.outage.is_some() => format!("it waits for the endpoint: {cause}"),
            _ => "the endpoint accepts less than the requests produce: lower the sampling rate, or raise \
                  `limits.max_items` and `limits.max_bytes`"
                .to_owned(),
        };
        let (refused, waiting) = (items(refused), items(counts.waiting as u64));
        let text =
            format!("new telemetry is refused, the queue is full; {reason} ({refused} refused, {waiting} waiting)");
        Some(Line::Warning(text))
    }

    /// Whether the outage that has ended was reported, so that its end is reported as well.
    fn has_recovered_after_a_line(&self) -> bool {
        self.has_recovered && self.outage.is_some_and(|outage| outage.logged > 0)
    }

    fn recovery(&mut self, counts: &Counts, now: Instant) -> Option<Line> {
        let is_reported = self.has_recovered_after_a_line();
        let outage = if std::mem::take(&mut self.has_recovered) { self.outage.take() } else { None }?;
        let cause = self.cause.take();
        if !is_reported {
            return None;
        }
        let losses = counts.losses.since(self.logged.losses);
        self.logged.losses = counts.losses;
        let endpoint = cause.as_ref().and_then(FailureCause::endpoint);
        let to = endpoint.map(|host| format!(" to `{host}`")).unwrap_or_default();
        let lost = if losses.is_empty() { String::new() } else { format!("; lost: {losses}") };
        let text = format!(
            "telemetry is delivered again{to}, after {} in {:.1} s{lost}",
            attempts(outage.attempts),
            now.saturating_duration_since(outage.since).as_secs_f64()
        );
        Some(Line::Info(text))
    }
}

fn attempts(count: u32) -> String {
    if count == 1 { "1 failed attempt".to_owned() } else { format!("{count} failed attempts") }
}

fn is_over(last: Option<Instant>, now: Instant) -> bool {
    last.is_none_or(|last| now.saturating_duration_since(last) >= INTERVAL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exporter::DropReason;
    use crate::pipeline::ledger::Ledger;

    const SECOND: Duration = Duration::from_secs(1);

    fn failed(status: &str) -> Settlement {
        let mut settlement = rejected(status);
        settlement.pace = Pace::BackOff { retry_after: None };
        settlement
    }

    fn rejected(status: &str) -> Settlement {
        let mut settlement = Settlement::default();
        settlement.cause = Some(FailureCause::new(status).with_endpoint("shop.example"));
        settlement
    }

    fn delivered() -> Settlement {
        let mut settlement = Settlement::default();
        settlement.delivered = 1;
        settlement
    }

    fn counts(ledger: &Ledger, waiting: usize) -> Counts {
        Counts { losses: Losses::of(ledger), refused: ledger.refused_full.get(), waiting, stored: 0 }
    }

    fn text(line: Option<Line>) -> String {
        match line {
            Some(Line::Warning(text) | Line::Info(text)) => text,
            None => String::new(),
        }
    }

    #[test]
    fn first_failure_is_logged_at_once_later_ones_once_a_minute_and_the_recovery() {
        let (mut log, ledger, start) = (DeliveryLog::default(), Ledger::default(), Instant::now());
        log.record(&failed("503"), false, start);
        let line = text(log.next(&counts(&ledger, 3), start, false));
        assert_eq!(
            line,
            "telemetry is not delivered, it is sent again: `shop.example`: 503 (1 failed attempt, 3 items waiting)"
        );
        for second in 1..60 {
            log.record(&failed("502"), false, start + SECOND * second);
            assert_eq!(log.next(&counts(&ledger, 3), start + SECOND * second, false), None);
        }
        let line = text(log.next(&counts(&ledger, 3), start + INTERVAL, false));
        assert!(line.contains("502 (59 failed attempts, 3 items waiting)"), "{line}");
        ledger.dropped(DropReason::Expired).add(2);
        log.record(&delivered(), false, start + INTERVAL);
        let line = log.next(&counts(&ledger, 0), start + INTERVAL, false);
        let expected = "telemetry is delivered again to `shop.example`, after 60 failed attempts in 60.0 s; \
                        lost: 2 items not delivered within `limits.max_age`";
        assert_eq!(line, Some(Line::Info(expected.to_owned())));
        assert_eq!(log.next(&counts(&ledger, 0), start + INTERVAL * 2, true), None, "everything is reported");
    }

    #[test]
    fn losses_of_all_lines_add_up_and_the_rest_is_logged_at_the_end() {
        let (mut log, ledger, start) = (DeliveryLog::default(), Ledger::default(), Instant::now());
        log.record(&rejected("400"), false, start);
        ledger.dropped(DropReason::Rejected).add(5);
        let line = text(log.next(&counts(&ledger, 0), start, false));
        assert!(
            line.starts_with("telemetry is rejected: `shop.example`: 400 (1 failed attempt, lost: 5 items"),
            "{line}"
        );
        ledger.dropped(DropReason::Rejected).add(7);
        ledger.dropped(DropReason::TooLarge).add(1);
        assert_eq!(log.next(&counts(&ledger, 0), start + SECOND, false), None);
        assert_eq!(log.due(&counts(&ledger, 0)), Some(start + INTERVAL));
        let line = text(log.next(&counts(&ledger, 0), start + SECOND, true));
        assert!(line.ends_with("lost: 7 items rejected by the endpoint, 1 item too large for the protocol)"), "{line}");
        assert_eq!((log.next(&counts(&ledger, 0), start + SECOND, true), log.due(&counts(&ledger, 0))), (None, None));
    }

    #[test]
    fn refusals_are_logged_at_once_then_once_a_minute_with_all_numbers() {
        let (mut log, ledger, start) = (DeliveryLog::default(), Ledger::default(), Instant::now());
        let mut refused = 0;
        for second in 0..=120 {
            ledger.refused_full.add(10);
            let line = text(log.next(&counts(&ledger, 100), start + SECOND * second, false));
            assert_eq!(line.is_empty(), second % 60 != 0, "{second}: {line}");
            let number = line.split_once('(').and_then(|(_, rest)| rest.split_once(" items refused"));
            refused += number.map_or(0, |(number, _)| number.parse::<u64>().unwrap());
        }
        assert_eq!(refused, ledger.refused_full.get());
    }

    #[test]
    fn bisected_batch_recovers_when_no_part_is_left() {
        let (mut log, ledger, now) = (DeliveryLog::default(), Ledger::default(), Instant::now());
        log.record(&rejected("400"), true, now);
        assert!(log.next(&counts(&ledger, 2), now, false).is_some());
        log.record(&delivered(), true, now);
        assert_eq!(log.next(&counts(&ledger, 1), now, false), None);
        log.record(&delivered(), false, now);
        assert!(matches!(log.next(&counts(&ledger, 0), now, false), Some(Line::Info(_))));
    }
}
