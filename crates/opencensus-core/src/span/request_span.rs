//! The live handle of a request.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use crate::pipeline::Intake;
use crate::propagation::{TraceContext, TraceState};
use crate::span::{Attribute, Event, Link, Outcome, RequestRecord, SpanStatus, current};

/// One incoming request that is kept.
///
/// The middleware makes it, and ends it exactly once. A handler may keep a clone of the `Arc` as
/// long as it likes, in spawned tasks too: it holds its own few hundred bytes and the queue's memory,
/// but keeps no pipeline open, and what is written after the end changes nothing.
pub struct RequestSpan {
    context: TraceContext,
    trace_state: Option<TraceState>,
    started: Instant,
    intake: Arc<Intake>,
    state: Mutex<State>,
}

struct State {
    ended: bool,
    // `None` once the exporter's thread has taken it.
    record: Option<RequestRecord>,
}

impl RequestSpan {
    /// Starts now, with the record that `record` makes.
    #[inline(always)]
    pub(crate) fn start(
        context: TraceContext,
        trace_state: Option<TraceState>,
        intake: &Arc<Intake>,
        record: impl FnOnce() -> RequestRecord,
    ) -> Arc<Self> {
        let started = Instant::now();
        Arc::new(Self {
            context,
            trace_state,
            started,
            intake: Arc::clone(intake),
            state: Mutex::new(State { ended: false, record: Some(record()) }),
        })
    }

    /// The request that is being handled on this thread, if it is kept.
    ///
    /// Set while the middleware calls or polls the inner service and the response's body; a task
    /// that was spawned takes a clone along.
    #[must_use]
    pub fn current() -> Option<Arc<Self>> {
        current::span()
    }

    /// Trace id, span id and flags.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        self.context
    }

    /// The caller's `tracestate`.
    #[must_use]
    pub fn trace_state(&self) -> Option<&TraceState> {
        self.trace_state.as_ref()
    }

    /// Whether the request has ended: nothing can be written any more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.lock().ended
    }

    /// Names the operation, instead of `METHOD /route`. The names of an application must be few.
    pub fn set_name(&self, name: impl Into<Cow<'static, str>>) {
        let name = name.into();
        self.write(|record| record.set_name(name));
    }

    /// Sets the matched route's template, such as `/users/{id}`.
    pub fn set_route(&self, route: &str) {
        self.write(|record| record.set_route(route));
    }

    /// Sets an attribute; one of the same name is replaced.
    pub fn set_attribute(&self, attribute: Attribute) {
        self.write(|record| record.set_attribute(attribute));
    }

    /// Adds an event.
    pub fn add_event(&self, event: Event) {
        self.write(|record| record.add_event(event));
    }

    /// Adds a link to another span.
    pub fn add_link(&self, link: Link) {
        self.write(|record| record.add_link(link));
    }

    /// Says whether the request succeeded, whatever its response says.
    pub fn set_span_status(&self, status: SpanStatus) {
        self.write(|record| record.set_span_status(status));
    }

    /// Sets the response's status. For front ends.
    pub fn set_status(&self, status: u16) {
        self.write(|record| record.set_status(status));
    }

    /// Ends the request and hands it to the pipeline. Only the first call does; `false` says that
    /// it had ended before. For front ends.
    pub fn end(self: &Arc<Self>, outcome: Outcome) -> bool {
        let duration = self.started.elapsed();
        let size = {
            let mut state = self.lock();
            if state.ended {
                return false;
            }
            state.ended = true;
            let Some(record) = &mut state.record else { return false };
            record.set_end(duration, outcome);
            record.size()
        };
        self.intake.push_request(Arc::clone(self), size);
        true
    }

    /// Takes the finished record, with the wall clock's time of its start. For the worker.
    pub(crate) fn take(&self) -> Option<RequestRecord> {
        let mut record = self.lock().record.take()?;
        record.set_start(SystemTime::now().checked_sub(self.started.elapsed()).unwrap_or(SystemTime::UNIX_EPOCH));
        Some(record)
    }

    /// No user's code runs under the lock, and nothing under it panics.
    fn write(&self, change: impl FnOnce(&mut RequestRecord)) {
        let mut state = self.lock();
        if let State { ended: false, record: Some(record) } = &mut *state {
            change(record);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RequestSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestSpan").field("context", &self.context).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Ledger, PipelineLimits};
    use crate::sampler::SamplingRate;
    use crate::testing::Head;

    fn span() -> (Arc<RequestSpan>, Arc<Intake>) {
        let intake = Arc::new(Intake::new(&PipelineLimits::default(), Arc::new(Ledger::default())));
        let context = TraceContext::root();
        let record = || RequestRecord::new(context, None, SamplingRate::ALL, &Head::get("/"));
        (RequestSpan::start(context, None, &intake, record), intake)
    }

    #[test]
    fn ends_once_and_is_queued_once() {
        let (span, intake) = span();
        assert!(span.end(Outcome::Completed));
        assert!(!span.end(Outcome::Cancelled));
        assert_eq!(intake.len(), 1);
        assert_eq!(*span.take().unwrap().outcome(), Outcome::Completed);
    }

    #[test]
    fn late_writes_change_nothing() {
        let (span, _intake) = span();
        span.set_attribute(Attribute::new("early", true));
        span.end(Outcome::Completed);
        span.set_attribute(Attribute::new("late", true));
        span.set_name("late");
        let record = span.take().unwrap();
        assert_eq!(record.attributes(), [Attribute::new("early", true)]);
        assert_eq!(record.name(), "GET");
        assert!(span.take().is_none());
        span.set_name("later still");
    }

    #[test]
    fn concurrent_ends_queue_one_item() {
        let (span, intake) = span();
        let ended = std::thread::scope(|scope| {
            let ends: Vec<_> = (0..8).map(|_| scope.spawn(|| span.end(Outcome::Completed))).collect();
            ends.into_iter().map(|end| end.join().unwrap()).filter(|ended| *ended).count()
        });
        assert_eq!((ended, intake.len()), (1, 1));
    }
}
