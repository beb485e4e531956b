//! Decides how long to wait before a retry.

use std::time::Duration;

use crate::ids::random_below;
use crate::pipeline::limits::PipelineLimits;

/// Upper bound of the wait after this many failures in a row, 1 or more.
pub(super) fn bound(limits: &PipelineLimits, failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(31);
    limits.retry_base.saturating_mul(1 << doublings).min(limits.retry_max)
}

/// The wait before the next attempt: drawn evenly below the bound (full jitter), after `retry_after` of the endpoint,
/// which may be the same point in time for many instances. `retry_after` lengthens it up to
/// [`PipelineLimits::retry_after_max`].
pub(super) fn wait(limits: &PipelineLimits, failures: u32, retry_after: Option<Duration>) -> Duration {
    let bound = bound(limits, failures).as_nanos().min(u128::from(u64::MAX)) as u64;
    let drawn = Duration::from_nanos(random_below(bound.saturating_add(1)));
    let retry_after = retry_after.unwrap_or_default().min(limits.retry_after_max);
    drawn.max(retry_after.saturating_add(drawn).min(limits.retry_after_max))
}

/// How many sends a refused batch of `items` may cost: enough to isolate two bad items.
pub(super) fn bisections(items: usize) -> u32 {
    4 * (usize::BITS - items.leading_zeros()) + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bound_doubles_from_base_to_maximum() {
        let limits = PipelineLimits::default();
        let seconds: Vec<_> = [1, 2, 3, 6, 7, 100].map(|failures| bound(&limits, failures).as_secs()).into();
        assert_eq!(seconds, [1, 2, 4, 32, 60, 60]);
    }

    #[test]
    fn jitter_fills_the_whole_range() {
        let limits = PipelineLimits::default();
        let waits: Vec<_> = (0..1000).map(|_| wait(&limits, 3, None).as_millis()).collect();
        assert!(waits.iter().all(|&wait| wait <= 4000));
        assert!(waits.iter().any(|&wait| wait < 400) && waits.iter().any(|&wait| wait > 3600));
    }

    #[test]
    fn retry_after_of_the_endpoint_is_a_lower_bound_and_is_capped() {
        let limits = PipelineLimits::default();
        assert!(wait(&limits, 1, Some(Duration::from_secs(30))) >= Duration::from_secs(30));
        assert!(wait(&limits, 1, Some(Duration::from_secs(1_000_000_000))) <= Duration::from_secs(3600));
    }
}
