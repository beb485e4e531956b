//! When the next batch may go.

use tokio::time::Instant;

use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::retry;
use crate::pipeline::settle::Pace;

/// When the next batch may go, after what became of those before.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    not_before: Option<Instant>,
    // The endpoint asked for the wait; else it is only our own backoff.
    was_asked: bool,
    failures: u32,
}

impl Pacing {
    /// Whether a batch may go now.
    pub(super) fn allows(&self, now: Instant) -> bool {
        self.not_before.is_none_or(|time| time <= now)
    }

    /// When the wait ends, if there is one.
    pub(super) fn wait_ends(&self) -> Option<Instant> {
        self.not_before
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Follows from a delivery.
    pub(super) fn follow(&mut self, pace: Pace, limits: &PipelineLimits) {
        let wait = match pace {
            Pace::Go => {
                *self = Self::default();
                return;
            }
            Pace::Pause(pause) => pause.min(limits.retry_after_max),
            Pace::BackOff { asked } => {
                self.failures = self.failures.saturating_add(1);
                retry::wait(limits, self.failures, asked)
            }
        };
        self.was_asked = !matches!(pace, Pace::BackOff { asked: None });
        self.not_before = Some(Instant::now() + wait);
    }

    /// There is little time left: a wait that only backoff asked for is cut short; the endpoint's own
    /// wish is respected.
    pub(super) fn hurry(&mut self) {
        if !self.was_asked {
            self.not_before = None;
        }
    }
}
