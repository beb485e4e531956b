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
    /// How many items may be accepted and not yet delivered or dropped. Default: 16,384; at most
    /// [`MAX_ITEMS`](Self::MAX_ITEMS).
    pub max_items: usize,
    /// How many bytes these items may take. Default: 8 MiB. The encoding of one batch may exceed it by 1 MiB.
    pub max_bytes: usize,
    /// How many items of one request, such as log lines and outgoing calls, may wait for its end, which decides whether
    /// they are kept ([`TailSampling`](crate::TailSampling)). When there are more, all of the request are dropped and
    /// counted. Default: 256.
    pub request_items: usize,
    /// How many bytes these may take. Default: 256 KiB.
    pub request_bytes: usize,
    /// How many items of all requests may wait. Default: 4096.
    pub waiting_items: usize,
    /// How many bytes these may take, which are a part of `max_bytes`. Default: 2 MiB.
    pub waiting_bytes: usize,
    /// How many items a batch may have; at most half of `max_items`, which lowers the default. Default: 500.
    pub batch_items: usize,
    /// How many bytes a batch may have before compression; at most a quarter of `max_bytes`, which lowers the default.
    /// A larger item is a batch of its own. Default: 1 MiB.
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
            request_items: 256,
            request_bytes: 256 * 1024,
            waiting_items: 4096,
            waiting_bytes: 2 * 1024 * 1024,
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

/// A limit is zero or over its bound.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{name}` is {found}: {remedy}")]
pub struct InvalidLimits {
    name: &'static str,
    found: usize,
    remedy: String,
}

impl InvalidLimits {
    /// The name of the limit, such as `batch_items`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The value of the limit.
    #[must_use]
    pub fn found(&self) -> usize {
        self.found
    }

    /// How to correct it, with the bound.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

/// The most bytes: a size beyond it could overflow when another one is added.
const MAX_BYTES: usize = usize::MAX / 4;

/// The longest time: the clock cannot represent every later point in time.
pub(super) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl PipelineLimits {
    /// The most items that `max_items` may be: 4,194,304, which take 130 MiB in the queue besides their own bytes.
    pub const MAX_ITEMS: usize = 1 << 22;

    /// Checks the sizes. The default of a batch's size follows the size of the queue; another value over its bound is
    /// an error.
    ///
    /// # Errors
    ///
    /// A size is zero, or over its bound.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_core::PipelineLimits;
    ///
    /// let mut limits = PipelineLimits::default();
    /// limits.batch_items = 20_000;
    /// let error = limits.check().unwrap_err();
    /// assert_eq!(error.to_string(), "`batch_items` is 20000: it must be at most half of `max_items`, 8192");
    /// ```
    pub fn check(&self) -> Result<(), InvalidLimits> {
        let defaults = Self::default();
        let (items, bytes) = (self.max_items.div_ceil(2), self.max_bytes.div_ceil(4));
        let sizes = [
            ("max_items", self.max_items, Self::MAX_ITEMS, ""),
            ("max_bytes", self.max_bytes, usize::MAX, ""),
            ("batch_items", self.batch_items, items.max(defaults.batch_items), "half of `max_items`, "),
            ("batch_bytes", self.batch_bytes, bytes.max(defaults.batch_bytes), "a quarter of `max_bytes`, "),
        ];
        for (name, found, most, what) in sizes {
            let remedy = match found {
                0 => "it must not be zero".to_owned(),
                _ if found > most => format!("it must be at most {what}{most}"),
                _ => continue,
            };
            return Err(InvalidLimits { name, found, remedy });
        }
        Ok(())
    }

    /// Clamps the limits to values that timers can hold and that leave room for several batches.
    pub(super) fn clamped(mut self) -> Self {
        const MIN: Duration = Duration::from_millis(10);
        self.batch_age = self.batch_age.max(MIN);
        self.retry_base = self.retry_base.max(MIN);
        self.retry_max = self.retry_max.max(self.retry_base);
        self.max_bytes = self.max_bytes.min(MAX_BYTES);
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
            *time = (*time).min(LONGEST);
        }
        self
    }
}
