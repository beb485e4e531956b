//! Deadlines of waits.

use std::time::{Duration, Instant};

/// The longest wait. A longer one could overflow the clock.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The end of a wait that begins now. Waits take at most a day.
pub(crate) fn deadline(within: Duration) -> Instant {
    Instant::now() + within.min(LONGEST)
}
