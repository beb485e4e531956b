//! Decides when the next batch may be sent.

use tokio::time::Instant;

use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::retry;
use crate::pipeline::settle::Pace;

/// Failures in a row after which the circuit is open.
const OPENS_AFTER: u32 = 3;

/// When the next batch may be sent, given the outcome of the batches before it.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    not_before: Option<Instant>,
    // The endpoint demanded the wait (`Retry-After`); otherwise it is only backoff.
    is_endpoint_wait: bool,
    failures: u32,
    // Failures in a row of items in batches that were accepted otherwise.
    item_failures: u32,
    // When a batch that failed may be sent again, if it does not have to wait for the endpoint.
    again_not_before: Option<Instant>,
}

impl Pacing {
    /// Whether a batch may be sent now.
    pub(super) fn allows(&self, now: Instant) -> bool {
        self.not_before.is_none_or(|time| time <= now)
    }

    /// Whether batches that failed may be sent again now.
    pub(super) fn allows_again(&self, now: Instant) -> bool {
        self.allows(now) && self.again_not_before.is_none_or(|time| time <= now)
    }

    /// When batches that failed may be sent again, if they wait.
    pub(super) fn again_ends(&self) -> Option<Instant> {
        self.again_not_before.max(self.not_before)
    }

    /// Whether the endpoint failed so often that only a small batch may be sent, to find out whether it works again.
    pub(super) fn is_open(&self) -> bool {
        self.failures >= OPENS_AFTER
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
                let again_not_before = self.again_not_before;
                *self = Self { again_not_before, ..Self::default() };
                return;
            }
            Pace::ItemsBackOff => {
                let item_failures = self.item_failures.saturating_add(1);
                let wait = retry::wait(limits, item_failures, None);
                *self = Self { item_failures, again_not_before: Some(Instant::now() + wait), ..Self::default() };
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
        self.again_not_before = None;
        if !self.is_endpoint_wait {
            self.not_before = None;
        }
    }
}
