//! Bounds of the pipeline.

use std::time::Duration;

/// Bounds of the pipeline. Start from [`Default`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PipelineLimits {
    /// Most items from their acceptance to their delivery. Default: 16,384.
    pub max_items: usize,
    /// Most bytes of these items. Default: 8 MiB. One batch's encoding may exceed it by 1 MiB.
    pub max_bytes: usize,
    /// Most items of a batch, and at most half of `max_items`. Default: 500.
    pub batch_items: usize,
    /// Most bytes of a batch, before compression, and at most a quarter of `max_bytes`. Default: 1 MiB.
    /// An item that is larger goes alone.
    pub batch_bytes: usize,
    /// Longest wait of an item for its batch to fill. Default: 2 s; at least 10 ms.
    pub batch_age: Duration,
    /// Wait of the first item after a pause, instead of `batch_age`. Default: 100 ms.
    pub first_delay: Duration,
    /// Upper bound of the first wait after a failure; it doubles with each failure in a row, and
    /// the wait is drawn evenly between 0 and the bound. Default: 1 s; at least 10 ms.
    pub retry_base: Duration,
    /// Highest bound of a wait. Default: 60 s.
    pub retry_max: Duration,
    /// The longest wait that an endpoint may ask for. Default: 1 h.
    pub retry_after_max: Duration,
    /// Age at which a batch that cannot be delivered is dropped. Default: 48 h, after which
    /// Application Insights refuses it.
    pub max_age: Duration,
    /// Wait for the queue when the last handle is dropped without a shutdown. Default: 2 s.
    pub grace: Duration,
}

impl Default for PipelineLimits {
    fn default() -> Self {
        Self {
            max_items: 16 * 1024,
            max_bytes: 8 * 1024 * 1024,
            batch_items: 500,
            batch_bytes: 1024 * 1024,
            batch_age: Duration::from_secs(2),
            first_delay: Duration::from_millis(100),
            retry_base: Duration::from_secs(1),
            retry_max: Duration::from_secs(60),
            retry_after_max: Duration::from_secs(60 * 60),
            max_age: Duration::from_secs(48 * 60 * 60),
            grace: Duration::from_secs(2),
        }
    }
}

/// A limit that makes no sense.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` must not be zero")]
pub struct InvalidLimits(&'static str);

impl PipelineLimits {
    /// These limits with times that a timer can hold.
    pub(super) fn within_reason(mut self) -> Self {
        const LEAST: Duration = Duration::from_millis(10);
        const MOST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        self.batch_age = self.batch_age.max(LEAST);
        self.retry_base = self.retry_base.max(LEAST);
        self.retry_max = self.retry_max.max(self.retry_base);
        // Several batches fit into the bounds, so that one is filled while another is under way.
        self.batch_items = self.batch_items.min(self.max_items.div_ceil(2));
        self.batch_bytes = self.batch_bytes.min(self.max_bytes.div_ceil(4));
        for time in [
            &mut self.batch_age,
            &mut self.first_delay,
            &mut self.retry_base,
            &mut self.retry_max,
            &mut self.retry_after_max,
            &mut self.grace,
        ] {
            *time = (*time).min(MOST);
        }
        self
    }

    pub(super) fn check(&self) -> Result<(), InvalidLimits> {
        let sizes = [
            ("max_items", self.max_items),
            ("max_bytes", self.max_bytes),
            ("batch_items", self.batch_items),
            ("batch_bytes", self.batch_bytes),
        ];
        match sizes.into_iter().find(|(_, size)| *size == 0) {
            Some((name, _)) => Err(InvalidLimits(name)),
            None => Ok(()),
        }
    }
}
