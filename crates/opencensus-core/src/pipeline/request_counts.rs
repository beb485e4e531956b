//! Requests that are being handled.

use crate::pipeline::ledger::Counter;

/// How many requests began, and how they ended, kept or not.
#[derive(Debug, Default)]
pub(crate) struct RequestCounters {
    started: Counter,
    // By the first digit of their status; 0 for those without.
    finished: [Counter; 6],
}

impl RequestCounters {
    /// Counts a request that arrives, kept or not.
    #[inline]
    pub(crate) fn begin(&self) {
        self.started.increment();
    }

    /// Counts a request that began as ended. `status` is that of the answer's head, if there was one.
    #[inline]
    pub(crate) fn finish(&self, status: Option<u16>) {
        let class = usize::from(status.unwrap_or_default() / 100);
        self.finished[if class < self.finished.len() { class } else { 0 }].increment();
    }

    pub(crate) fn stats(&self) -> RequestCounts {
        // What has ended is read first: a request that ends meanwhile counts as in flight, and none
        // ends that has not begun.
        let finished = [0, 1, 2, 3, 4, 5].map(|class: usize| self.finished[class].get());
        RequestCounts { started: self.started.get(), finished }
    }
}

/// Requests that came in, in numbers since the start, whether they were kept, blacklisted or sampled
/// out.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RequestCounts {
    started: u64,
    finished: [u64; 6],
}

impl RequestCounts {
    /// Requests that began.
    #[must_use]
    pub fn started(&self) -> u64 {
        self.started
    }

    /// Requests that have not ended yet.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.started.saturating_sub(self.finished.iter().sum())
    }

    /// Requests that ended with a status of this class: 2 for 200 to 299. 0: without an answer.
    #[must_use]
    pub fn finished(&self, class: u8) -> u64 {
        self.finished.get(usize::from(class)).copied().unwrap_or_default()
    }

    /// As JSON.
    pub(crate) fn to_json(&self) -> String {
        let [none, one, two, three, four, five] = self.finished;
        format!(
            "{{\"started\":{},\"in_flight\":{},\"finished\":{{\"1xx\":{one},\"2xx\":{two},\"3xx\":{three},\
             \"4xx\":{four},\"5xx\":{five},\"none\":{none}}}}}",
            self.started,
            self.in_flight()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_that_began_is_in_flight_until_it_has_finished() {
        let counters = RequestCounters::default();
        (0..7).for_each(|_| counters.begin());
        assert_eq!((counters.stats().started(), counters.stats().in_flight()), (7, 7));
        let statuses = [Some(200), Some(204), Some(302), Some(404), Some(503), Some(999), None];
        statuses.into_iter().for_each(|status| counters.finish(status));
        let requests = counters.stats();
        assert_eq!(requests.in_flight(), 0);
        assert_eq!([0, 1, 2, 3, 4, 5].map(|class| requests.finished(class)), [2, 0, 2, 1, 1, 1]);
    }
}
