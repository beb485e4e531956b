//! A request that is not recorded.

use std::fmt;
use std::sync::Arc;

use crate::pipeline::{Queue, QueueRef};
use crate::propagation::{Caller, TraceContext};
use crate::sampling_rate::SamplingRate;
use crate::sampling_rule::SamplingRule;
use crate::span::OutgoingContext;
use crate::span::spare_memory::{self, SpareMemory};
use crate::telemetry::TelemetryItem;

/// Most ids that are drawn until one is dropped. At a rate of 99 % they suffice in all but one of 30,000 cases.
const MAX_DRAWS: usize = 1024;

thread_local! {
    // The memory of requests that have ended in this thread: 5 KiB, and that of their queue, until the thread ends, or such
    // a request of another pipeline ends in it. The pipeline does not keep running.
    static SPARE_REQUESTS: SpareMemory<NonRecordingRequest> = const { SpareMemory::new() };
}

/// A request that is not recorded, because the blacklist excludes it, the sampler dropped it, or the
/// pipeline has no room. The services that it calls join the same trace and learn that it is not sampled.
///
/// [`Tracer::begin`](crate::Tracer::begin) creates it; [`Current`](crate::Current) shows how to use it.
pub struct NonRecordingRequest {
    // `None`: nothing has needed the request's own ids so far. If it has a caller, the trace is the caller's.
    context: Option<TraceContext>,
    // The rule and the rate that dropped the trace. An id that is created later is one that they drop, too: the services
    // that decide by it must not keep what this one dropped, or they would count more requests than there are.
    dropped_by: Option<(SamplingRule, SamplingRate)>,
    // With the caller's decision, which also holds for the requests that this one makes of the same service.
    caller: Caller,
    outgoing_context: OutgoingContext,
    queue: QueueRef,
}

impl NonRecordingRequest {
    #[inline(always)]
    pub(crate) fn new(
        context: Option<TraceContext>,
        caller: Caller,
        outgoing_context: OutgoingContext,
        queue: &QueueRef,
    ) -> Arc<Self> {
        if let Some(mut spare) = spare_memory::take(&SPARE_REQUESTS)
            && let Some(place) = Arc::get_mut(&mut spare)
        {
            (place.context, place.caller, place.outgoing_context) = (context, caller, outgoing_context);
            if !place.queue.is(queue) {
                place.queue = queue.clone();
            }
            return spare;
        }
        Arc::new(Self { context, dropped_by: None, caller, outgoing_context, queue: queue.clone() })
    }

    /// A request that begins a trace, which this rule drops at this rate.
    #[inline]
    pub(crate) fn dropped(
        by: (SamplingRule, SamplingRate),
        caller: Caller,
        outgoing_context: OutgoingContext,
        queue: &QueueRef,
    ) -> Arc<Self> {
        let queue = queue.clone();
        Arc::new(Self { context: None, dropped_by: Some(by), caller, outgoing_context, queue })
    }

    #[inline]
    pub(crate) fn dropped_by(&self) -> Option<(SamplingRule, SamplingRate)> {
        self.dropped_by
    }

    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The request's own trace context, which is never sampled.
    ///
    /// Few such requests need ids of their own, so they are created on demand:
    /// [`Current::ensure_trace_id`](crate::Current::ensure_trace_id), which
    /// [`current::get`](crate::current::get) calls, stores them. Before that, every call returns another span id, and
    /// another trace id if the request begins a trace.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        self.context.unwrap_or_else(|| self.new_context())
    }

    /// Creates the request's ids, unless it has them. From then on [`context`](Self::context) stays the same.
    #[inline]
    pub(super) fn ensure_context(self: &mut Arc<Self>) {
        if self.context.is_some() {
            return;
        }
        let context = Some(self.new_context());
        match Arc::get_mut(self) {
            Some(own) => own.context = context,
            // There is another handle: those that begin a trace and carry nothing else share one.
            None => *self = self.with_context(context),
        }
    }

    fn with_context(&self, context: Option<TraceContext>) -> Arc<Self> {
        Self::new(context, self.caller.clone(), self.outgoing_context.clone(), &self.queue)
    }

    /// Drops the request, which has ended. Its memory may serve the next one of this thread.
    #[inline]
    pub(super) fn release(self: Arc<Self>) {
        // Others are shared, or have data of the caller.
        let has_only_ids = self.outgoing_context.is_default() && self.caller.state().is_none();
        if Arc::strong_count(&self) == 1 && self.dropped_by.is_none() && has_only_ids {
            spare_memory::keep(&SPARE_REQUESTS, self, |one, other| one.queue.is(&other.queue));
        }
    }

    #[inline]
    fn new_context(&self) -> TraceContext {
        match (self.caller.parent(), self.dropped_by) {
            (Some(parent), _) => parent.context.child(false),
            (None, None) => TraceContext::root(),
            (None, Some((rule, rate))) => Self::new_dropped_context(rule, rate),
        }
    }

    #[cold]
    fn new_dropped_context(rule: SamplingRule, rate: SamplingRate) -> TraceContext {
        let is_dropped = |context: &TraceContext| !rule.keeps(context.trace_id(), rate);
        let mut contexts = std::iter::repeat_with(TraceContext::root);
        let found = contexts.by_ref().take(MAX_DRAWS).find(is_dropped);
        found.unwrap_or_else(TraceContext::root)
    }

    /// The baggage, `tracestate` and headers that are propagated with the trace context.
    #[must_use]
    pub fn outgoing_context(&self) -> &OutgoingContext {
        &self.outgoing_context
    }

    /// Drops an item that belongs to the request, and counts it. Metrics and results of availability tests are sent.
    pub(super) fn submit(&self, mut item: TelemetryItem) {
        if item.is_unsampled() {
            item.set_context(self.context());
            self.queue.push(item);
        } else {
            self.queue.counters().items_sampled_out.increment();
        }
    }

    /// Ends the request: counts it as finished. `status` is the response's, if there was one. The middleware calls it once
    /// for each request.
    #[inline]
    pub fn end(&self, status: Option<u16>) {
        self.queue.counters().requests.finish(status);
    }

    #[inline]
    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }
}

impl fmt::Debug for NonRecordingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NonRecordingRequest").field("context", &self.context).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Ledger, PipelineLimits};
    use crate::propagation::{Baggage, PropagatorSet, RemoteParent, TraceState};
    use crate::span::spare_memory::MAX_SPARE;

    fn queue() -> QueueRef {
        QueueRef::new(&Arc::new(Queue::new(&PipelineLimits::default(), Arc::new(Ledger::default()))))
    }

    fn request(queue: &QueueRef) -> Arc<NonRecordingRequest> {
        NonRecordingRequest::new(Some(TraceContext::root()), Caller::Unknown, OutgoingContext::default(), queue)
    }

    fn kept() -> usize {
        SPARE_REQUESTS.with(SpareMemory::len)
    }

    #[test]
    fn memory_serves_the_next_request_of_the_thread() {
        let queue = queue();
        let first = request(&queue);
        let (address, context) = (Arc::as_ptr(&first), first.context());
        first.release();
        let next = request(&queue);
        assert_eq!(Arc::as_ptr(&next), address);
        assert_ne!(next.context(), context);
        assert_eq!(kept(), 0);
    }

    #[test]
    fn request_that_a_handler_keeps_stays_as_it_is() {
        let queue = queue();
        let first = request(&queue);
        let (of_handler, context) = (Arc::clone(&first), first.context());
        first.release();
        let next = request(&queue);
        assert!(!Arc::ptr_eq(&of_handler, &next) && of_handler.context() == context);
    }

    #[test]
    fn data_of_callers_are_not_kept() {
        let queue = queue();
        let baggage = Baggage::from_lines([&b"a=1"[..]].into_iter());
        let outgoing = OutgoingContext::new(PropagatorSet::default(), baggage);
        let with_baggage = NonRecordingRequest::new(Some(TraceContext::root()), Caller::Unknown, outgoing, &queue);
        with_baggage.release();
        let parent = RemoteParent::new(TraceContext::root(), TraceState::from_lines([&b"a=1"[..]].into_iter()));
        let context = Some(parent.context.child(false));
        let with_state = NonRecordingRequest::new(context, Caller::Parent(parent), OutgoingContext::default(), &queue);
        with_state.release();
        assert_eq!(kept(), 0);
    }

    #[test]
    fn little_is_kept_and_only_of_one_pipeline() {
        let first = Arc::new(Queue::new(&PipelineLimits::default(), Arc::new(Ledger::default())));
        let requests: Vec<_> = (0..2 * MAX_SPARE).map(|_| request(&QueueRef::new(&first))).collect();
        requests.into_iter().for_each(NonRecordingRequest::release);
        assert_eq!((kept(), Arc::strong_count(&first)), (MAX_SPARE, MAX_SPARE + 1));
        let second = queue();
        let others: Vec<_> = (0..2).map(|_| request(&second)).collect();
        others.into_iter().for_each(NonRecordingRequest::release);
        assert_eq!((kept(), Arc::strong_count(&first)), (1, 1), "the first of them only makes room");
    }
}
