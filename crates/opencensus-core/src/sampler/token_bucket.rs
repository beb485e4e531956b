//! A token bucket without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

/// Permits `per_second` events a second, and as many at once after a pause of a second.
///
/// The state is the time at which the bucket will be full again, in nanoseconds since a start that
/// the caller chooses (the generic cell rate algorithm).
#[derive(Debug)]
pub(crate) struct TokenBucket {
    nanos_per_token: u64,
    full_at: AtomicU64,
}

const SECOND: u64 = 1_000_000_000;

impl TokenBucket {
    /// Creates a full bucket; with `per_second` 0 it permits nothing.
    pub(crate) fn new(per_second: u32) -> Self {
        Self { nanos_per_token: SECOND.checked_div(per_second.into()).unwrap_or(u64::MAX), full_at: AtomicU64::new(0) }
    }

    /// Takes a token at the time `now`, in nanoseconds, if there is one.
    pub(crate) fn take(&self, now: u64) -> bool {
        let taken = self.full_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
            let next = full_at.max(now).saturating_add(self.nanos_per_token);
            (next - now <= SECOND).then_some(next)
        });
        taken.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_bucket_holds_one_second_of_tokens_and_refills() {
        let bucket = TokenBucket::new(10);
        let taken = (0..100).filter(|_| bucket.take(5 * SECOND)).count();
        assert_eq!(taken, 10);
        assert!(!bucket.take(5 * SECOND + SECOND / 10 - 1));
        assert!(bucket.take(5 * SECOND + SECOND / 10));
        assert!(!bucket.take(5 * SECOND + SECOND / 10));
    }

    #[test]
    fn zero_permits_nothing() {
        assert!(!TokenBucket::new(0).take(SECOND));
    }
}
