//! The pipeline's own warnings, limited to one of each kind a minute.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::exporter::DropReason;

/// A warning of the pipeline about itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Warning {
    Dropped { reason: DropReason, items: usize },
    Failing { failures: u32 },
}

/// The shortest time between two warnings of one kind.
const INTERVAL: Duration = Duration::from_secs(60);

const KINDS: usize = DropReason::COUNT + 1;

/// Warnings that wait to be logged.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    waiting: VecDeque<Warning>,
    // When the last warning of each kind was added.
    last: [Option<Instant>; KINDS],
}

impl Warnings {
    /// Adds a warning, unless one of the same kind was added within the interval.
    pub(super) fn add(&mut self, warning: Warning) {
        let now = Instant::now();
        let last = &mut self.last[warning.kind()];
        if last.is_none_or(|last| now - last >= INTERVAL) {
            *last = Some(now);
            self.waiting.push_back(warning);
        }
    }

    pub(super) fn next(&mut self) -> Option<Warning> {
        self.waiting.pop_front()
    }
}

impl Warning {
    /// Logs the warning.
    pub(super) fn log(self) {
        match self {
            Self::Dropped { reason, items } => {
                tracing::warn!(target: "opencensus", reason = reason.as_str(), items, "telemetry was dropped");
            }
            Self::Failing { failures } => {
                tracing::warn!(target: "opencensus", failures, "telemetry cannot be delivered; trying again");
            }
        }
    }

    fn kind(self) -> usize {
        match self {
            Self::Dropped { reason, .. } => reason as usize,
            Self::Failing { .. } => DropReason::COUNT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_kind_is_logged_once_a_minute() {
        let mut warnings = Warnings::default();
        let dropped = |reason, items| Warning::Dropped { reason, items };
        for items in 1..=3 {
            warnings.add(dropped(DropReason::Rejected, items));
            warnings.add(dropped(DropReason::Quota, items));
        }
        tokio::time::advance(INTERVAL).await;
        warnings.add(dropped(DropReason::Rejected, 4));
        let logged: Vec<_> = std::iter::from_fn(|| warnings.next()).collect();
        let expected = [(DropReason::Rejected, 1), (DropReason::Quota, 1), (DropReason::Rejected, 4)];
        assert_eq!(logged, expected.map(|(reason, items)| dropped(reason, items)));
    }
}
