//! The live handle of a request.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use crate::attribute::Attribute;
use crate::ids::SpanId;
use crate::pipeline::{Pending, Queue};
use crate::propagation::{Baggage, TraceContext, TraceState};
use crate::request::{ForwardedRequest, Privacy, RequestHead};
use crate::sampler::TailSampling;
use crate::sampling_rate::SamplingRate;
use crate::span::OutgoingContext;
use crate::telemetry::request::{Changes, RecordHead, Sampling};
use crate::telemetry::{Event, Link, Outcome, RequestRecord, SpanStatus, TelemetryItem};

/// One incoming request that is kept, or may be at its end.
///
/// The middleware makes it, and ends it exactly once. A handler may keep a clone of the `Arc` as
/// long as it likes, in spawned tasks too: it holds its own few hundred bytes and the queue's memory,
/// but keeps no pipeline open, and what is written after the end changes nothing.
pub struct RequestSpan {
    head: RecordHead,
    outgoing_context: OutgoingContext,
    tail: TailSampling,
    started: Instant,
    queue: Arc<Queue>,
    state: Mutex<State>,
}

/// OpenTelemetry's attributes (general and session conventions).
const USER_ID: &str = "user.id";
const SESSION_ID: &str = "session.id";

#[derive(Default)]
struct State {
    ended: bool,
    discarded: bool,
    // The exporter's thread has it, or nobody wants it.
    taken: bool,
    changes: Changes,
}

impl RequestSpan {
    /// Starts now, with an empty head.
    #[inline(always)]
    pub(crate) fn start(
        context: TraceContext,
        parent: Option<SpanId>,
        trace_state: Option<TraceState>,
        outgoing_context: OutgoingContext,
        sampling: Sampling,
        tail: TailSampling,
        queue: &Arc<Queue>,
    ) -> Arc<Self> {
        let started = Instant::now();
        let head = RecordHead::empty(context, parent, trace_state, sampling);
        Arc::new(Self { head, outgoing_context, tail, started, queue: Arc::clone(queue), state: Mutex::default() })
    }

    /// Copies what the head says into a span that nobody else has yet, and what else is known.
    #[inline(always)]
    pub(crate) fn fill<H: RequestHead>(
        span: &mut Arc<Self>,
        head: &H,
        privacy: Privacy,
        forwarded: Option<ForwardedRequest>,
        attributes: Vec<Attribute>,
    ) {
        let Some(span) = Arc::get_mut(span) else { return };
        span.head.fill(head, privacy);
        let changes = &mut span.state.get_mut().unwrap_or_else(PoisonError::into_inner).changes;
        if let Some(forwarded) = forwarded {
            changes.set_forwarded(forwarded);
        }
        attributes.into_iter().for_each(|attribute| changes.set_attribute(attribute));
    }

    /// Trace id, span id and flags.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        self.head.context
    }

    /// The share of such requests that this one stands for. `None`: unknown. What becomes of a request that is
    /// kept for its end alone is not decided yet.
    #[must_use]
    pub fn rate(&self) -> Option<SamplingRate> {
        self.head.sampling.rate
    }

    /// The caller's `tracestate`.
    #[must_use]
    pub fn trace_state(&self) -> Option<&TraceState> {
        self.head.trace_state.as_ref()
    }

    /// The caller's baggage.
    #[must_use]
    pub fn baggage(&self) -> Option<&Baggage> {
        self.outgoing_context.baggage()
    }

    #[inline]
    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(super) fn outgoing_context(&self) -> &OutgoingContext {
        &self.outgoing_context
    }

    /// The `tracestate` for the services that the request calls: the caller's, with the rate at
    /// which the request is kept.
    #[must_use]
    pub fn outgoing_trace_state(&self) -> Option<TraceState> {
        self.trace_state_from(self.head.context.span_id())
    }

    /// The same for a call that is a span of its own.
    pub(super) fn trace_state_from(&self, span_id: SpanId) -> Option<TraceState> {
        let is_kept = self.head.context.flags().is_sampled();
        let told = if is_kept { self.head.sampling } else { Sampling { rate: None, ..self.head.sampling } };
        told.tell_as(span_id, self.head.trace_state.as_ref())
    }

    /// Members of a `tracestate` for a context that is made for every request, whether it calls
    /// anybody or not, such as OpenTelemetry's. That everything is kept is not told there: most services
    /// keep everything, and to tell it costs more than it is worth. Nor is it told to services with this
    /// library who tells it, since a span in between changes that.
    #[must_use]
    pub fn context_members(&self) -> Vec<(&str, Cow<'_, str>)> {
        let state = self.head.trace_state.as_ref();
        let told = self.head.sampling.rate.filter(|_| self.head.context.flags().is_sampled());
        match told {
            Some(SamplingRate::ALL) if state.is_none_or(TraceState::tells_all_alone) => Vec::new(),
            Some(SamplingRate::ALL) if state.is_none_or(TraceState::tells_no_less_than_all) => as_it_is(state),
            Some(rate) => TraceState::members_telling(state, rate),
            None => as_it_is(state).into_iter().filter_map(TraceState::untold).collect(),
        }
    }

    /// Whether the request has ended: nothing can be written any more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.lock().ended
    }

    /// The target's path.
    #[must_use]
    pub fn path(&self) -> Cow<'_, str> {
        self.head.path()
    }

    /// Whether a route is set.
    #[must_use]
    pub fn has_route(&self) -> bool {
        self.head.has_route() || self.lock().changes.route.is_some()
    }

    /// Names the operation, instead of `METHOD /route`. The names of an application must be few.
    pub fn set_name(&self, name: impl Into<Cow<'static, str>>) {
        let name = name.into();
        self.write(|changes| changes.set_name(name));
    }

    /// Sets the matched route's template, such as `/users/{id}`.
    pub fn set_route(&self, route: impl Into<Cow<'static, str>>) {
        let route = route.into();
        self.write(|changes| changes.set_route(route));
    }

    /// Sets an attribute; one of the same name is replaced.
    pub fn set_attribute(&self, attribute: Attribute) {
        self.write(|changes| changes.set_attribute(attribute));
    }

    /// Adds an event.
    pub fn add_event(&self, event: Event) {
        self.write(|changes| changes.add_event(event));
    }

    /// Adds a link to another span.
    pub fn add_link(&self, link: Link) {
        self.write(|changes| changes.add_link(link));
    }

    /// Says whether the request succeeded, whatever its response says.
    pub fn set_span_status(&self, status: SpanStatus) {
        self.write(|changes| changes.set_span_status(status));
    }

    /// Names the user who is signed in: Application Insights' `user_AuthenticatedId`. It is personal data.
    pub fn set_user(&self, id: impl Into<Cow<'static, str>>) {
        self.set_attribute(Attribute::new(USER_ID, id.into()));
    }

    /// Names the session: Application Insights' `session_Id`.
    pub fn set_session(&self, id: impl Into<Cow<'static, str>>) {
        self.set_attribute(Attribute::new(SESSION_ID, id.into()));
    }

    /// Says that the request failed, whatever its response says.
    pub fn set_failed(&self, message: impl Into<Cow<'static, str>>) {
        self.set_span_status(SpanStatus::Error(message.into()));
    }

    /// Leaves no telemetry of this request, whatever becomes of it; it is counted in
    /// [`Stats::discarded`](crate::Stats::discarded).
    pub fn discard(&self) {
        self.lock().discarded = true;
    }

    /// Ends the request and hands it to the pipeline, if it is kept. Only the first call does; `false`
    /// says that it had ended before. `status` is the answer's, if there was one.
    pub(crate) fn end(self: &Arc<Self>, status: Option<u16>, outcome: Outcome) -> bool {
        let duration = self.started.elapsed();
        let (size, is_certain) = {
            let mut state = self.lock();
            if state.ended {
                return false;
            }
            state.ended = true;
            state.changes.set_end(duration, status, outcome);
            // The end can only add to what the head kept.
            let is_certain = self.tail.is_on() && self.keeps_by_end(&state.changes);
            if state.discarded || !is_certain && !self.head.context.flags().is_sampled() {
                state.changes = Changes::default();
                state.taken = true;
                let ledger = self.queue.ledger();
                if state.discarded { &ledger.discarded } else { &ledger.sampled_out }.increment();
                return true;
            }
            state.changes.is_certain = is_certain;
            (size_of::<Self>() + state.changes.heap_size(), is_certain)
        };
        let size = size + self.head.heap_size() + self.outgoing_context.heap_size();
        let is_rate_known = is_certain || self.head.sampling.rate.is_some();
        if self.queue.push_pending(Arc::<Self>::clone(self), size) && !is_rate_known {
            self.queue.ledger().unknown_rate.increment();
        }
        true
    }

    fn take_record(&self) -> Option<RequestRecord> {
        let changes = {
            let mut state = self.lock();
            if std::mem::replace(&mut state.taken, true) {
                return None;
            }
            std::mem::take(&mut state.changes)
        };
        let start = SystemTime::now().checked_sub(self.started.elapsed()).unwrap_or(SystemTime::UNIX_EPOCH);
        Some(RequestRecord::of(self.head.clone(), changes, start))
    }

    fn keeps_by_end(&self, changes: &Changes) -> bool {
        self.tail.keeps(changes.duration, |client_errors_succeed| changes.has_succeeded(client_errors_succeed))
    }

    /// No user's code runs under the lock, and nothing under it panics.
    fn write(&self, change: impl FnOnce(&mut Changes)) {
        let mut state = self.lock();
        if !state.ended {
            change(&mut state.changes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending for RequestSpan {
    /// Takes the finished record, with the wall clock's time of its start.
    fn take(&self) -> Option<TelemetryItem> {
        self.take_record().map(Into::into)
    }
}

fn as_it_is(state: Option<&TraceState>) -> Vec<(&str, Cow<'_, str>)> {
    let members = state.and_then(|state| state.members().ok()).unwrap_or_default();
    members.into_iter().map(|(key, value)| (key, Cow::Borrowed(value))).collect()
}

impl fmt::Debug for RequestSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestSpan").field("context", &self.head.context).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Ledger, PipelineLimits};
    use crate::testing::Head;
    use std::time::Duration;

    fn span_with(sampled: bool, sampling: Sampling, tail: TailSampling) -> (Arc<RequestSpan>, Arc<Queue>) {
        let queue = Arc::new(Queue::new(&PipelineLimits::default(), Arc::new(Ledger::default())));
        let context = TraceContext::root();
        let context = TraceContext::new(context.trace_id(), context.span_id(), context.flags().with_sampled(sampled));
        let outgoing_context = OutgoingContext::default();
        let mut span = RequestSpan::start(context, None, None, outgoing_context, sampling, tail, &queue);
        RequestSpan::fill(&mut span, &Head::get("/"), Privacy::default(), None, Vec::new());
        (span, queue)
    }

    fn span() -> (Arc<RequestSpan>, Arc<Queue>) {
        span_with(true, Sampling { rate: Some(SamplingRate::ALL), rule: None }, TailSampling::default())
    }

    fn tenth() -> Sampling {
        Sampling { rate: SamplingRate::try_from(0.1).ok(), rule: None }
    }

    #[test]
    fn failure_is_kept_whatever_the_sampler_said_and_stands_for_itself() {
        for sampled in [true, false] {
            let (span, queue) = span_with(sampled, tenth(), TailSampling::default().with_failures(false));
            span.end(Some(500), Outcome::Completed);
            assert_eq!(queue.len(), 1, "{sampled}");
            assert_eq!(span.take_record().unwrap().rate(), SamplingRate::ALL);
        }
    }

    #[test]
    fn success_is_what_the_sampler_said() {
        for (sampled, rows) in [(true, 1), (false, 0)] {
            let (span, queue) = span_with(sampled, tenth(), TailSampling::default().with_failures(true));
            assert!(span.end(Some(404), Outcome::Completed));
            assert_eq!((queue.len(), queue.stats().sampled_out), (rows, 1 - rows as u64), "{sampled}");
            assert!(span.has_ended() && !span.end(None, Outcome::Completed));
        }
    }

    #[test]
    fn slow_request_is_kept() {
        let (span, queue) = span_with(false, tenth(), TailSampling::default().with_slower_than(Duration::ZERO));
        span.end(None, Outcome::Completed);
        assert_eq!(queue.len(), 1);
        let (span, queue) = span_with(false, tenth(), TailSampling::default().with_slower_than(Duration::MAX));
        span.end(None, Outcome::Completed);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn unknown_rate_is_counted_unless_the_end_makes_it_known() {
        let (span, queue) = span_with(true, Sampling::default(), TailSampling::default());
        span.end(None, Outcome::Completed);
        assert_eq!(queue.stats().unknown_rate, 1);
        let tail = TailSampling::default().with_failures(false);
        let (span, queue) = span_with(true, Sampling::default(), tail);
        span.end(None, Outcome::Cancelled);
        assert_eq!(queue.stats().unknown_rate, 0);
        assert!(span.take_record().unwrap().is_rate_known());
    }

    #[test]
    fn services_that_are_called_learn_the_rate_of_what_the_head_kept() {
        let told = |sampled, sampling| {
            let (span, _intake) = span_with(sampled, sampling, TailSampling::default());
            let header = span.outgoing_trace_state().and_then(|state| state.to_header());
            header.map(|header| header.replace(&span.context().span_id().to_string(), "own"))
        };
        assert_eq!(
            told(true, Sampling { rate: Some(SamplingRate::ALL), ..Sampling::default() }).unwrap(),
            "ot=th:0,oc=-:own"
        );
        assert_eq!(told(true, tenth()).unwrap(), "ot=th:e6666666666666,oc=-:own");
        assert_eq!(told(false, tenth()), None);
        assert_eq!(told(true, Sampling::default()), None);
    }

    #[test]
    fn ends_once_and_is_queued_once() {
        let (span, queue) = span();
        assert!(span.end(None, Outcome::Completed));
        assert!(!span.end(None, Outcome::Cancelled));
        assert_eq!(queue.len(), 1);
        assert_eq!(*span.take_record().unwrap().outcome(), Outcome::Completed);
    }

    #[test]
    fn late_writes_change_nothing() {
        let (span, _intake) = span();
        span.set_attribute(Attribute::new("early", true));
        span.end(None, Outcome::Completed);
        span.set_attribute(Attribute::new("late", true));
        span.set_name("late");
        let record = span.take_record().unwrap();
        assert_eq!(record.attributes(), [Attribute::new("early", true)]);
        assert_eq!(record.name(), "GET");
        assert!(span.take_record().is_none());
        span.set_name("later still");
    }

    #[test]
    fn discarded_request_leaves_nothing_but_a_count() {
        let (span, queue) = span();
        span.discard();
        assert!(span.end(None, Outcome::Panicked("boom".into())));
        assert_eq!((queue.len(), queue.stats().discarded, queue.stats().sampled_out), (0, 1, 0));
    }

    #[test]
    fn concurrent_ends_queue_one_item() {
        let (span, queue) = span();
        let ended = std::thread::scope(|scope| {
            let ends: Vec<_> = (0..8).map(|_| scope.spawn(|| span.end(None, Outcome::Completed))).collect();
            ends.into_iter().map(|end| end.join().unwrap()).filter(|ended| *ended).count()
        });
        assert_eq!((ended, queue.len()), (1, 1));
    }
}
