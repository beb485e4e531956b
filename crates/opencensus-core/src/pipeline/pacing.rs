//! Decides when the next batch may be sent.

use tokio::time::Instant;

use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::retry;
use crate::pipeline::settle::Pace;

/// When the next batch may be sent, given the outcome of the batches before it.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    not_before: Option<Instant>,
    // The endpoint demanded the wait (`Retry-After`); otherwise it is only backoff.
    is_endpoint_wait: bool,
    failures: u32,
}

impl Pacing {
    /// Whether a batch may be sent now.
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

    /// Sets the wait that follows from a delivery.
    pub(super) fn update(&mut self, pace: Pace, limits: &PipelineLimits) {
        let wait = match pace {
            Pace::Go => {
                *self = Self::default();
                return;
            }
            Pace::Pause(pause) => pause.min(limits.retry_after_max),
            Pace::BackOff { retry_after } => {
                self.failures = self.failures.saturating_add(1);
                retry::wait(limits, self.failures, retry_after)
            }
        };
        self.is_endpoint_wait = !matches!(pace, Pace::BackOff { retry_after: None });
        self.not_before = Some(Instant::now() + wait);
    }

    /// Ends a wait that is only backoff; a wait that the endpoint demanded continues.
    pub(super) fn hurry(&mut self) {
        if !self.is_endpoint_wait {
            self.not_before = None;
        }
    }
}
