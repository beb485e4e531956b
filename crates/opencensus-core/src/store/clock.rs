//! The clock of the store, which no jump of the system's clock moves by more than a process has observed.

use std::time::{Duration, SystemTime};

/// How far the clock may advance at the first look of a process.
pub(super) const FIRST_LOOK: Duration = Duration::from_secs(24 * 60 * 60);

/// How far the store's clock advances, in milliseconds: as far as the system's clock did since the last look of any
/// process, but not backwards, and not further than the time that this process has measured since its own last look.
pub(super) fn advance(wall_now: u64, wall_last: u64, measured: Duration) -> u64 {
    // The last look is known to the millisecond only.
    let bound = u64::try_from(measured.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
    wall_now.saturating_sub(wall_last).min(bound)
}

/// The system's clock. Tests move it.
#[derive(Clone, Debug, Default)]
pub(super) struct WallClock {
    #[cfg(test)]
    pub(super) offset: std::sync::Arc<std::sync::atomic::AtomicI64>,
}

impl WallClock {
    /// Milliseconds since 1970.
    pub(super) fn now(&self) -> u64 {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        #[cfg(test)]
        let now = now.saturating_add_signed(self.offset.load(std::sync::atomic::Ordering::Relaxed));
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 60 * 60 * 1000;

    #[test]
    fn clock_follows_the_time_that_passes() {
        assert_eq!(advance(5_000, 2_000, Duration::from_secs(3)), 3_000);
        assert_eq!(advance(5_000, 4_000, Duration::from_secs(3)), 1_000);
    }

    #[test]
    fn jump_forward_counts_as_the_time_that_was_measured() {
        assert_eq!(advance(3_650 * DAY, 0, Duration::from_secs(3)), 3_001);
        assert_eq!(advance(3_650 * DAY, 0, FIRST_LOOK), DAY + 1);
    }

    #[test]
    fn jump_backward_stops_the_clock_until_the_next_look() {
        assert_eq!(advance(DAY, 2 * DAY, Duration::from_secs(60)), 0);
    }
}
