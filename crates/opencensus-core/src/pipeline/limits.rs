//! Limits of the pipeline.

use std::time::Duration;

/// Limits of the pipeline. Start from [`Default`].
///
/// # Examples
///
/// ```
/// use opencensus_core::PipelineLimits;
///
/// let mut limits = PipelineLimits::default();
/// limits.max_bytes = 16 * 1024 * 1024;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PipelineLimits {
    /// How many items may be accepted and not yet delivered or dropped. Default: 16,384.
    pub max_items: usize,
    /// How many bytes these items may take. Default: 8 MiB. The encoding of one batch may exceed it by 1 MiB.
    pub max_bytes: usize,
    /// How many items a batch may have; at most half of `max_items`. Default: 500.
    pub batch_items: usize,
    /// How many bytes a batch may have before compression; at most a quarter of `max_bytes`. A larger item is a
    /// batch of its own. Default: 1 MiB.
    pub batch_bytes: usize,
    /// How long a batch may stay open. Default: 2 s; at least 10 ms.
    pub batch_age: Duration,
    /// How long a batch may stay open that begins after a pause. Default: 100 ms.
    pub first_delay: Duration,
    /// Upper bound of the wait after a first failure. It doubles with each failure in a row, and the wait is drawn
    /// evenly between 0 and the bound. Default: 1 s; at least 10 ms.
    pub retry_base: Duration,
    /// The highest such bound. Default: 60 s.
    pub retry_max: Duration,
    /// The longest wait that the endpoint may ask for. Default: 1 h.
    pub retry_after_max: Duration,
    /// Age at which a batch that cannot be delivered is dropped. Default: 48 h, after which
    /// Application Insights refuses it.
    pub max_age: Duration,
    /// How long the last handle waits for queued items when it is dropped without a shutdown. Default: 2 s.
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

/// A limit is zero.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` must not be zero")]
pub struct InvalidLimits(&'static str);

impl PipelineLimits {
    /// Clamps the limits to values that timers can hold and that leave room for several batches.
    pub(super) fn clamped(mut self) -> Self {
        const MIN: Duration = Duration::from_millis(10);
        const MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        self.batch_age = self.batch_age.max(MIN);
        self.retry_base = self.retry_base.max(MIN);
        self.retry_max = self.retry_max.max(self.retry_base);
        // One batch is filled while another is in flight.
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
            *time = (*time).min(MAX);
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
