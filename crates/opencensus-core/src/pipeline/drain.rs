//! Decides when the next batch from disk may be sent.

use std::time::Duration;

use tokio::time::Instant;

use crate::ids::random_below;

/// The shortest time between two batches from disk, so that a backlog does not flood an endpoint that has recovered.
const INTERVAL: Duration = Duration::from_millis(100);

/// The first batch from disk waits for a random part of this time, after a start and after an outage, so that many
/// instances do not send at once.
pub(super) const SPREAD: Duration = Duration::from_secs(2);

/// When the next batch from disk may be sent besides live batches.
#[derive(Debug, Default)]
pub(super) struct Drain {
    not_before: Option<Instant>,
}

impl Drain {
    /// Delays the next batch by a random time.
    pub(super) fn spread(&mut self, now: Instant) {
        self.not_before = Some(now + random_part(SPREAD));
    }

    /// Delays the batch after one that is sent now.
    pub(super) fn pause(&mut self, now: Instant) {
        self.not_before = Some(now + INTERVAL + random_part(INTERVAL / 2));
    }

    pub(super) fn allows(&self, now: Instant) -> bool {
        self.not_before.is_none_or(|time| time <= now)
    }

    /// When the wait ends.
    pub(super) fn wait_ends(&self) -> Option<Instant> {
        self.not_before
    }
}

fn random_part(of: Duration) -> Duration {
    Duration::from_micros(random_below(of.as_micros() as u64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_ten_batches_a_second_are_sent_from_disk() {
        let (mut drain, now) = (Drain::default(), Instant::now());
        assert!(drain.allows(now));
        for _ in 0..1000 {
            drain.pause(now);
            assert!(!drain.allows(now + Duration::from_millis(99)) && drain.allows(now + Duration::from_millis(151)));
        }
    }
}
