//! When a connection is tried again.

use std::time::{Duration, Instant};

/// Python's `retryStart`, `retryFactor` and `retryMax`.
const FIRST: Duration = Duration::from_secs(1);
const FACTOR: u32 = 2;
const LONGEST: Duration = Duration::from_secs(30);

/// When a connection is tried again: after a second, and then after pauses that double.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    last: Option<(Instant, Duration)>,
}

impl Backoff {
    /// Whether a connection may be tried now.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.last.is_none_or(|(failed, pause)| now.saturating_duration_since(failed) >= pause)
    }

    pub(super) fn failed(&mut self, now: Instant) {
        let pause = self.last.map_or(FIRST, |(_, pause)| (pause * FACTOR).min(LONGEST));
        self.last = Some((now, pause));
    }

    pub(super) fn succeeded(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_between_attempts_double_up_to_thirty_seconds() {
        let (mut backoff, start) = (Backoff::default(), Instant::now());
        assert!(backoff.is_due(start));
        for pause in [1, 2, 4, 8, 16, 30, 30] {
            backoff.failed(start);
            let pause = Duration::from_secs(pause);
            assert!(!backoff.is_due(start + pause - Duration::from_millis(1)) && backoff.is_due(start + pause));
        }
        backoff.succeeded();
        assert!(backoff.is_due(start));
    }
}
