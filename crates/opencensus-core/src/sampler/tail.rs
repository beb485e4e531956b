//! What the request's end has to say about keeping it.

use std::time::Duration;

/// Keeps failures and slow requests whatever the rate. The default keeps neither.
///
/// Whether a request fails is known at its end, so every request outside the blacklist is recorded
/// until then. One that is kept for this reason was certain to be kept, and stands for itself
/// alone, also if the sampler had kept it; the weighted counts stay right. Its trace is not kept as
/// a whole: the services that it called were told what the sampler said.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct TailSampling {
    /// Keeps failures: answers from 400 up, requests that ended before their answer did, and what
    /// the application calls an error.
    pub failures: bool,
    /// Does not count 4xx answers as failures.
    pub client_errors_succeed: bool,
    /// Keeps requests that took at least this long.
    pub slower_than: Option<Duration>,
}

impl TailSampling {
    /// Keeps failures; `client_errors_succeed`: but for 4xx answers.
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

    /// Whether the end has anything to say.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.failures || self.slower_than.is_some()
    }

    /// Whether a request that took this long is kept in any case. `has_succeeded` gets
    /// [`client_errors_succeed`](Self::client_errors_succeed) and is called only if failures are kept.
    #[inline]
    pub(crate) fn keeps(&self, duration: Duration, has_succeeded: impl FnOnce(bool) -> bool) -> bool {
        self.slower_than.is_some_and(|limit| duration >= limit)
            || self.failures && !has_succeeded(self.client_errors_succeed)
    }
}
