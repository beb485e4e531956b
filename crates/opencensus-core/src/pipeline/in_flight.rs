//! Requests that are being handled.

use std::fmt;
use std::sync::Arc;

use crate::pipeline::intake::Intake;
use crate::pipeline::ledger::Counter;

/// How many requests began, and how they ended, kept or not.
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    started: Counter,
    // By the first digit of their status; 0 for those without.
    finished: [Counter; 6],
}

impl Gauges {
    pub(crate) fn stats(&self) -> Requests {
        // What has ended is read first: a request that ends meanwhile counts as in flight, and none
        // ends that has not begun.
        let finished = [0, 1, 2, 3, 4, 5].map(|class: usize| self.finished[class].get());
        Requests { started: self.started.get(), finished }
    }
}

/// Requests that came in, in numbers since the start, whether they were kept, blacklisted or sampled
/// out.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Requests {
    started: u64,
    finished: [u64; 6],
}

impl Requests {
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

/// One request while it is being handled. It has ended when this is dropped, whatever happened.
pub struct InFlight {
    intake: Arc<Intake>,
    status: u16,
}

impl InFlight {
    #[inline]
    pub(crate) fn begin(intake: &Arc<Intake>) -> Self {
        intake.ledger().requests.started.increment();
        Self { intake: Arc::clone(intake), status: 0 }
    }

    /// The status of the answer.
    #[inline]
    pub fn set_status(&mut self, status: u16) {
        self.status = status;
    }
}

impl Drop for InFlight {
    #[inline]
    fn drop(&mut self) {
        let class = usize::from(self.status / 100);
        let finished = &self.intake.ledger().requests.finished;
        finished[if class < finished.len() { class } else { 0 }].increment();
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").field("status", &self.status).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Ledger, PipelineLimits};

    #[test]
    fn every_request_that_began_has_ended_once_it_is_dropped() {
        let intake = Arc::new(Intake::new(&PipelineLimits::default(), Arc::new(Ledger::default())));
        let mut some: Vec<_> = (0..7).map(|_| InFlight::begin(&intake)).collect();
        for (request, status) in some.iter_mut().zip([200, 204, 302, 404, 503, 999]) {
            request.set_status(status);
        }
        assert_eq!((intake.stats().requests.started(), intake.stats().requests.in_flight()), (7, 7));
        drop(some);
        let requests = intake.stats().requests;
        assert_eq!(requests.in_flight(), 0);
        assert_eq!([0, 1, 2, 3, 4, 5].map(|class| requests.finished(class)), [2, 0, 2, 1, 1, 1]);
    }
}
