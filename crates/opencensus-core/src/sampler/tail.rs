//! Keeps requests because of how they end.

use std::time::Duration;

/// Keeps failures and slow requests, whatever the sampling rate is. The default keeps neither.
///
/// Whether a request fails is known at its end, so every request that the blacklist does not exclude is
/// recorded until then. A request that is kept for this reason has rate 1 and represents only itself, even
/// if the sampler kept it as well, so that weighted counts stay right. Its trace is not complete: the
/// services that it called received the sampler's decision.
///
/// # Examples
///
/// ```
/// use opencensus_core::TailSampling;
/// use std::time::Duration;
///
/// let tail = TailSampling::default().with_failures(true).with_slower_than(Duration::from_secs(2));
/// assert!(tail.is_on() && !TailSampling::default().is_on());
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct TailSampling {
    /// Keeps failures: responses with a status of 400 or above, requests that ended before their response
    /// did, and requests that the application marked as failed. Default: false.
    pub failures: bool,
    /// Does not count 4xx responses as failures. Default: false.
    pub client_errors_succeed: bool,
    /// Keeps requests that took at least this long. Default: none.
    pub slower_than: Option<Duration>,
    /// Leaves the items of a request, such as its log lines, exceptions and outgoing calls, to the sampler's decision.
    /// Otherwise they wait in memory until the request's end decides about them, too. Default: false.
    pub drops_items: bool,
}

impl TailSampling {
    /// Keeps failures. With `client_errors_succeed`, 4xx responses are no failures.
    #[must_use]
    pub fn with_failures(mut self, client_errors_succeed: bool) -> Self {
        self.failures = true;
        self.client_errors_succeed = client_errors_succeed;
        self
    }

    /// Keeps requests that took at least this long.
    #[must_use]
    pub fn with_slower_than(mut self, duration: Duration) -> Self {
        self.slower_than = Some(duration);
        self
    }

    /// Leaves the items of a request to the sampler's decision.
    #[must_use]
    pub fn without_items(mut self) -> Self {
        self.drops_items = true;
        self
    }

    /// Whether any request is kept because of its end.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.failures || self.slower_than.is_some()
    }

    /// Whether the items of a request wait for its end.
    #[inline]
    pub(crate) fn holds_items(&self) -> bool {
        self.is_on() && !self.drops_items
    }

    /// Whether a request that took this long is kept in any case. `has_succeeded` gets
    /// [`client_errors_succeed`](Self::client_errors_succeed) and is called only if failures are kept.
    #[inline]
    pub(crate) fn keeps(&self, duration: Duration, has_succeeded: impl FnOnce(bool) -> bool) -> bool {
        self.slower_than.is_some_and(|limit| duration >= limit)
            || self.failures && !has_succeeded(self.client_errors_succeed)
    }
}
