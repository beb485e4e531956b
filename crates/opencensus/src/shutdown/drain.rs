//! Divides the time between a signal and the end of the process.

use std::time::Duration;

/// The default time from the signal to the end of the process: below the 30 seconds after which Kubernetes
/// kills a process by default.
pub(super) const DRAIN_DEADLINE: Duration = Duration::from_secs(25);

/// The longest time at the end of the drain that is left for sending.
const MAX_SENDING: Duration = Duration::from_secs(5);

/// The two parts of a drain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Drain {
    /// The time for open requests, and for the program to end by itself.
    pub(super) serving: Duration,
    /// The time to send the telemetry that is left then.
    pub(super) sending: Duration,
}

impl Drain {
    /// Divides a deadline: a fifth of it, at most five seconds, is for sending.
    pub(super) fn of(deadline: Duration) -> Self {
        let sending = (deadline / 5).min(MAX_SENDING);
        Self { serving: deadline - sending, sending }
    }
}

/// The deadline of a process whose waiting futures have these deadlines: the latest. `None`: there is none.
pub(super) fn latest(deadlines: impl IntoIterator<Item = Option<Duration>>) -> Option<Duration> {
    deadlines.into_iter().try_fold(Duration::ZERO, |latest, deadline| Some(latest.max(deadline?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifth_of_the_deadline_and_at_most_five_seconds_are_for_sending() {
        let seconds = Duration::from_secs;
        assert_eq!(Drain::of(DRAIN_DEADLINE), Drain { serving: seconds(20), sending: seconds(5) });
        assert_eq!(Drain::of(seconds(100)), Drain { serving: seconds(95), sending: seconds(5) });
        assert_eq!(Drain::of(seconds(5)), Drain { serving: seconds(4), sending: seconds(1) });
        assert_eq!(Drain::of(Duration::ZERO), Drain { serving: seconds(0), sending: seconds(0) });
    }

    #[test]
    fn latest_deadline_of_several_holds_and_a_future_without_one_removes_it() {
        let seconds = |count| Some(Duration::from_secs(count));
        assert_eq!(latest([seconds(3), seconds(8)]), seconds(8));
        assert_eq!(latest([seconds(3), None]), None);
    }
}
