//! When a wait ends.

use std::time::{Duration, Instant};

/// The longest wait: a deadline beyond what the clock can count would panic.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The end of a wait that begins now. Waits take at most a day.
pub(crate) fn deadline(within: Duration) -> Instant {
    Instant::now() + within.min(LONGEST)
}
