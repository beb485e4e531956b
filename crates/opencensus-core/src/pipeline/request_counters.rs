//! Counts requests as they begin and end.

use crate::pipeline::counter::Counter;

/// Counters of requests that began, and of their ends by class of status, whether a request is kept or
/// not.
#[derive(Debug, Default)]
pub(crate) struct RequestCounters {
    started: Counter,
    // By the first digit of the status; 0 for requests without one.
    finished: [Counter; 6],
}

impl RequestCounters {
    /// Counts a request that begins.
    #[inline]
    pub(crate) fn begin(&self) {
        self.started.increment();
    }

    /// Counts the end of a request that began. `status` is the response's, if there was one.
    #[inline]
    pub(crate) fn finish(&self, status: Option<u16>) {
        let class = usize::from(status.unwrap_or_default() / 100);
        self.finished[if class < self.finished.len() { class } else { 0 }].increment();
    }

    /// Whether a request has begun.
    pub(crate) fn has_begun(&self) -> bool {
        self.started.get() > 0
    }

    pub(super) fn started(&self) -> u64 {
        self.started.get()
    }

    pub(super) fn finished(&self) -> [u64; 6] {
        [0, 1, 2, 3, 4, 5].map(|class: usize| self.finished[class].get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_counts_by_its_status() {
        let counters = RequestCounters::default();
        assert!(!counters.has_begun());
        (0..7).for_each(|_| counters.begin());
        let statuses = [Some(200), Some(204), Some(302), Some(404), Some(503), Some(999), None];
        statuses.into_iter().for_each(|status| counters.finish(status));
        assert!(counters.has_begun());
        assert_eq!((counters.started(), counters.finished()), (7, [2, 0, 2, 1, 1, 1]));
    }
}
