//! The current time.

use std::time::{SystemTime, UNIX_EPOCH};

/// The current time in microseconds since 1970.
pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64)
}
