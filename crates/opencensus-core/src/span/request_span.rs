//! The live handle of a recorded request.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use crate::attribute::Attribute;
use crate::ids::SpanId;
use crate::pipeline::{Pending, Queue, QueueRef};
use crate::propagation::{Baggage, Caller, RemoteParent, TraceContext, TraceState};
use crate::request::{ForwardedRequest, Privacy, RequestHead};
use crate::sampler::TailSampling;
use crate::sampling_rate::SamplingRate;
use crate::span::OutgoingContext;
use crate::span::fate::Fate;
use crate::span::waiting_items::WaitingItems;
use crate::telemetry::request::{Changes, RecordHead, Sampling};
use crate::telemetry::{Event, GrpcStatus, Link, Outcome, RequestRecord, SpanStatus, TelemetryItem};

/// One incoming request that is recorded.
///
/// The middleware creates it and ends it exactly once. A handler may keep a clone of the `Arc` for as long
/// as it needs, also in spawned tasks: the clone keeps a few hundred bytes and the queue's memory allocated,
/// but does not keep the pipeline running. Writes after the request's end are ignored.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Attribute, RequestSpan};
///
/// // In a handler; `None` outside a recorded request.
/// if let Some(span) = RequestSpan::current() {
///     span.set_attribute(Attribute::new("basket.size", 3));
/// }
/// ```
pub struct RequestSpan {
    pub(super) head: RecordHead,
    outgoing_context: OutgoingContext,
    pub(super) tail: TailSampling,
    // The caller's decision, if it is trusted.
    caller_decision: Option<bool>,
    started: Instant,
    pub(super) queue: QueueRef,
    state: Mutex<State>,
}

/// Everything that a request span starts with.
pub(crate) struct RequestStart<'a, H> {
    pub(crate) head: &'a H,
    pub(crate) context: TraceContext,
    pub(crate) parent: Option<SpanId>,
    pub(crate) trace_state: Option<TraceState>,
    pub(crate) caller_decision: Option<bool>,
    pub(crate) outgoing_context: OutgoingContext,
    pub(crate) sampling: Sampling,
    pub(crate) tail: TailSampling,
    pub(crate) privacy: Privacy,
    /// The service knows the method, whatever IANA's registry has.
    pub(crate) is_known_method: bool,
    pub(crate) queue: &'a QueueRef,
}

/// OpenTelemetry's attributes (general and session conventions).
const USER_ID: &str = "user.id";
const SESSION_ID: &str = "session.id";

#[derive(Default)]
pub(super) struct State {
    has_ended: bool,
    pub(super) is_discarded: bool,
    // The worker has the changes, or they were dropped at the end.
    is_taken: bool,
    pub(super) fate: Fate,
    // `None`: none has to wait.
    pub(super) waiting: Option<Box<WaitingItems>>,
    // The name and the route that were set, after the worker has taken the changes.
    pub(super) names: Option<Box<Names>>,
    pub(super) changes: Changes,
}

/// Parts of an operation's name.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) custom: Option<Cow<'static, str>>,
    pub(super) route: Option<Cow<'static, str>>,
}

impl RequestSpan {
    /// Starts a span now.
    #[inline(always)]
    pub(crate) fn start<H: RequestHead>(start: RequestStart<'_, H>) -> Arc<Self> {
        let started = Instant::now();
        let mut span = Arc::new(Self {
            head: RecordHead::empty(start.context, start.parent, start.trace_state, start.sampling),
            outgoing_context: start.outgoing_context,
            tail: start.tail,
            caller_decision: start.caller_decision,
            started,
            queue: start.queue.clone(),
            state: Mutex::default(),
        });
        // Filled in place: to build the record first and move it into the `Arc` costs 200 instructions.
        let head = &mut Arc::get_mut(&mut span).expect("a new `Arc` has no clones").head;
        head.fill(start.head, start.privacy);
        head.is_known_method = start.is_known_method;
        span
    }

    /// Sets the client as reported by a trusted proxy.
    pub(crate) fn set_forwarded(&self, forwarded: ForwardedRequest) {
        self.write(|changes| changes.set_forwarded(forwarded));
    }

    /// The request's own trace context.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        self.head.context
    }

    /// The share of such requests that the sampler keeps. `None`: unknown. Tail sampling may still change
    /// it at the request's end.
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

    /// What the request's headers stated about its caller.
    pub(super) fn caller(&self) -> Caller {
        let Some(span_id) = self.head.parent else {
            return self.caller_decision.map_or(Caller::Unknown, Caller::Decision);
        };
        let flags = self.head.context.flags().with_sampled(self.caller_decision == Some(true));
        let context = TraceContext::new(self.head.context.trace_id(), span_id, flags);
        let state = self.head.trace_state.clone();
        Caller::Parent(RemoteParent { context, state, has_decided: self.caller_decision.is_some() })
    }

    /// The id of the caller's span.
    pub(crate) fn parent(&self) -> Option<SpanId> {
        self.head.parent
    }

    pub(super) fn outgoing_context(&self) -> &OutgoingContext {
        &self.outgoing_context
    }

    /// The `tracestate` for the services that the request calls: the caller's with the rate at which the
    /// request is sampled.
    #[must_use]
    pub fn outgoing_trace_state(&self) -> Option<TraceState> {
        self.trace_state_from(self.head.context.span_id())
    }

    /// The same for a call that has its own span.
    pub(super) fn trace_state_from(&self, span_id: SpanId) -> Option<TraceState> {
        self.outgoing_sampling().outgoing_trace_state(span_id, self.head.trace_state.as_ref())
    }

    /// The header of the same.
    pub(super) fn trace_state_header_from(&self, span_id: SpanId) -> Option<String> {
        self.outgoing_sampling().outgoing_header(span_id, self.head.trace_state.as_ref())
    }

    fn outgoing_sampling(&self) -> Sampling {
        let is_sampled = self.head.context.flags().is_sampled();
        if is_sampled { self.head.sampling } else { Sampling { rate: None, ..self.head.sampling } }
    }

    /// Members of a `tracestate` for a context that is created for every request, whether it calls another
    /// service or not, such as OpenTelemetry's.
    ///
    /// A rate of 1 is left out: most services keep every request, and writing it would cost more than it is
    /// worth. This library's own member is left out, too: a span in between would make it stale.
    #[must_use]
    pub fn trace_state_members(&self) -> Vec<(&str, Cow<'_, str>)> {
        let state = self.head.trace_state.as_ref();
        let rate = self.head.sampling.rate.filter(|_| self.head.context.flags().is_sampled());
        match rate {
            Some(SamplingRate::ALL) if state.is_none_or(TraceState::holds_only_rate_one) => Vec::new(),
            Some(SamplingRate::ALL) if !state.is_some_and(TraceState::may_have_lower_rate) => members(state),
            Some(rate) => TraceState::members_with_rate(state, rate),
            None => members(state).into_iter().filter_map(TraceState::without_rate).collect(),
        }
    }

    /// Whether the request has ended, so that writes are ignored.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.lock().has_ended
    }

    /// The target's path.
    #[must_use]
    pub fn path(&self) -> Cow<'_, str> {
        self.head.path()
    }

    /// The matched route's template, if it is set.
    #[must_use]
    pub fn route(&self) -> Option<Cow<'_, str>> {
        self.lock().changes.route.clone().or_else(|| self.head.route())
    }

    /// Whether a route is set.
    #[must_use]
    pub fn has_route(&self) -> bool {
        self.head.has_route() || self.lock().changes.route.is_some()
    }

    /// Sets the operation's name, which replaces `METHOD /route`. Use few different names.
    pub fn set_name(&self, name: impl Into<Cow<'static, str>>) {
        let name = name.into();
        self.write(|changes| changes.set_name(name));
    }

    /// Sets the matched route's template, such as `/users/{id}`.
    pub fn set_route(&self, route: impl Into<Cow<'static, str>>) {
        let route = route.into();
        self.write(|changes| changes.set_route(route));
    }

    /// Sets an attribute, which replaces one of the same key. Up to 128 are kept.
    pub fn set_attribute(&self, attribute: Attribute) {
        self.write(|changes| changes.set_attribute(attribute));
    }

    /// Adds an event. Up to 128 are kept.
    pub fn add_event(&self, event: Event) {
        self.write(|changes| changes.add_event(event));
    }

    /// Adds a link to another span. Up to 128 are kept.
    pub fn add_link(&self, link: Link) {
        self.write(|changes| changes.add_link(link));
    }

    /// Sets whether the request succeeded, which overrides the response's status. `Ok` is final.
    pub fn set_span_status(&self, status: SpanStatus) {
        self.write(|changes| changes.set_span_status(status));
    }

    /// Sets the status of a gRPC call, which decides about success in place of the HTTP status. The middleware reads it
    /// from the response.
    pub fn set_grpc_status(&self, status: GrpcStatus) {
        self.write(|changes| changes.set_grpc_status(status));
    }

    /// Sets the signed-in user, exported as Application Insights' `user_AuthenticatedId`. It is personal
    /// data.
    pub fn set_user(&self, id: impl Into<Cow<'static, str>>) {
        self.set_attribute(Attribute::new(USER_ID, id.into()));
    }

    /// Sets the session, exported as Application Insights' `session_Id`.
    pub fn set_session(&self, id: impl Into<Cow<'static, str>>) {
        self.set_attribute(Attribute::new(SESSION_ID, id.into()));
    }

    /// Marks the request as failed, whatever the response's status is.
    pub fn set_failed(&self, message: impl Into<Cow<'static, str>>) {
        self.set_span_status(SpanStatus::Error(message.into()));
    }

    /// Drops the request's telemetry, however it ends; [`Stats::discarded`](crate::Stats::discarded) counts
    /// it.
    pub fn discard(&self) {
        self.lock().is_discarded = true;
    }

    /// Ends the request and hands it to the pipeline if it is kept. Only the first call has an effect;
    /// later ones return `false`. `status` is the response's, if there was one.
    pub(crate) fn end(self: &Arc<Self>, status: Option<u16>, outcome: Outcome) -> bool {
        let duration = self.started.elapsed();
        let (size, is_certain) = {
            let mut state = self.lock();
            if state.has_ended {
                return false;
            }
            state.has_ended = true;
            state.changes.set_end(duration, status, outcome);
            // The end only adds to what the sampler keeps.
            let is_certain = self.tail.is_on() && self.is_kept_by_tail(&state.changes);
            if state.is_discarded || !is_certain && !self.head.context.flags().is_sampled() {
                state.changes = Changes::default();
                state.is_taken = true;
                let (ledger, counters) = (self.queue.ledger(), self.queue.counters());
                if state.is_discarded { &ledger.discarded } else { &counters.sampled_out }.increment();
                self.release(state, Fate::Dropped);
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
        if self.tail.is_on() {
            self.release(self.lock(), if is_certain { Fate::Certain } else { Fate::Kept });
        }
        true
    }

    fn is_kept_by_tail(&self, changes: &Changes) -> bool {
        self.tail.keeps(changes.duration, |client_errors_succeed| changes.has_succeeded(client_errors_succeed))
    }

    fn take_record(&self) -> Option<RequestRecord> {
        let mut changes = {
            let mut state = self.lock();
            if std::mem::replace(&mut state.is_taken, true) {
                return None;
            }
            std::mem::take(&mut state.changes)
        };
        if let (Some(status), false) = (changes.grpc_status(), changes.has_name()) {
            let path = self.head.path();
            if let Some(name) = self.queue.grpc_methods().name(&path, status) {
                changes.set_name(name.to_owned().into());
            }
        }
        let is_unsampled = self.caller_decision == Some(false) && !self.head.context.flags().is_sampled();
        changes.has_unsampled_parent = is_unsampled && self.head.parent.is_some();
        // For items that come later.
        if changes.has_name() || changes.route.is_some() {
            let names =
                Names { custom: changes.name().map(|name| name.to_owned().into()), route: changes.route.clone() };
            self.lock().names = Some(Box::new(names));
        }
        let start = SystemTime::now().checked_sub(self.started.elapsed()).unwrap_or(SystemTime::UNIX_EPOCH);
        Some(RequestRecord::from_parts(self.head.clone(), changes, start))
    }

    /// Changes the record, unless the request has ended. No user code runs under the lock, and nothing
    /// under it panics.
    fn write(&self, change: impl FnOnce(&mut Changes)) {
        let mut state = self.lock();
        if !state.has_ended {
            change(&mut state.changes);
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending for RequestSpan {
    /// Takes the finished record. Its start is converted to wall-clock time here, on the worker's thread.
    fn take(&self) -> Option<TelemetryItem> {
        self.take_record().map(Into::into)
    }
}

fn members(state: Option<&TraceState>) -> Vec<(&str, Cow<'_, str>)> {
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
        let span = RequestSpan::start(RequestStart {
            head: &Head::get("/"),
            context: TraceContext::new(context.trace_id(), context.span_id(), context.flags().with_sampled(sampled)),
            parent: None,
            trace_state: None,
            caller_decision: None,
            outgoing_context: OutgoingContext::default(),
            sampling,
            tail,
            privacy: Privacy::default(),
            is_known_method: false,
            queue: &QueueRef::new(&queue),
        });
        (span, queue)
    }

    fn span() -> (Arc<RequestSpan>, Arc<Queue>) {
        span_with(true, Sampling { rate: Some(SamplingRate::ALL), rule: None }, TailSampling::default())
    }

    fn tenth() -> Sampling {
        Sampling { rate: SamplingRate::try_from(0.1).ok(), rule: None }
    }

    #[test]
    fn failure_is_kept_whatever_the_sampler_decided_and_represents_only_itself() {
        for sampled in [true, false] {
            let (span, queue) = span_with(sampled, tenth(), TailSampling::default().with_failures(false));
            span.end(Some(500), Outcome::Completed);
            assert_eq!(queue.len(), 1, "{sampled}");
            assert_eq!(span.take_record().unwrap().rate(), SamplingRate::ALL);
        }
    }

    #[test]
    fn success_is_kept_if_the_sampler_keeps_it() {
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
    fn unknown_rate_is_counted_unless_tail_sampling_makes_it_known() {
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
    fn called_services_receive_the_rate_of_a_sampled_request() {
        let header = |sampled, sampling| {
            let (span, _queue) = span_with(sampled, sampling, TailSampling::default());
            let header = span.outgoing_trace_state().and_then(|state| state.to_header());
            header.map(|header| header.replace(&span.context().span_id().to_string(), "own"))
        };
        assert_eq!(
            header(true, Sampling { rate: Some(SamplingRate::ALL), ..Sampling::default() }).unwrap(),
            "ot=th:0,oc=-:own"
        );
        assert_eq!(header(true, tenth()).unwrap(), "ot=th:e6666666666666,oc=-:own");
        assert_eq!(header(false, tenth()), None);
        assert_eq!(header(true, Sampling::default()), None);
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
    fn writes_after_the_end_are_ignored() {
        let (span, _queue) = span();
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
    fn discarded_request_is_only_counted() {
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
