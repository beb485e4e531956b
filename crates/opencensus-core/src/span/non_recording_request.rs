//! A request that is not recorded.

use std::fmt;
use std::sync::Arc;

use crate::pipeline::{Queue, QueueRef};
use crate::propagation::{Caller, TraceContext};
use crate::sampling_rate::SamplingRate;
use crate::sampling_rule::SamplingRule;
use crate::span::OutgoingContext;
use crate::telemetry::TelemetryItem;

/// Most ids that are drawn until one is dropped. At a rate of 99 % they suffice in all but one of 30,000 cases.
const MAX_DRAWS: usize = 1024;

/// A request that is not recorded, because the blacklist excludes it, the sampler dropped it, or the
/// pipeline has no room. The services that it calls join the same trace and learn that it is not sampled.
///
/// [`Tracer::begin`](crate::Tracer::begin) creates it; [`Current`](crate::Current) shows how to use it.
pub struct NonRecordingRequest {
    // `None`: the request begins a trace, whose id nothing has needed so far.
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
    #[inline]
    pub(crate) fn new(
        context: Option<TraceContext>,
        caller: Caller,
        outgoing_context: OutgoingContext,
        queue: &QueueRef,
    ) -> Arc<Self> {
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
    /// Few requests that begin a trace need its id, so the id is created on demand:
    /// [`Current::ensure_trace_id`](crate::Current::ensure_trace_id), which
    /// [`current::get`](crate::current::get) calls, stores it. Before that, every call returns another one.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        self.context.unwrap_or_else(|| self.new_context())
    }

    /// The same request with a stored context. `None`: it has one already.
    pub(super) fn with_stored_context(&self) -> Option<Arc<Self>> {
        match self.context {
            Some(_) => None,
            None => {
                let (caller, outgoing_context) = (self.caller.clone(), self.outgoing_context.clone());
                Some(Self::new(Some(self.new_context()), caller, outgoing_context, &self.queue))
            }
        }
    }

    fn new_context(&self) -> TraceContext {
        let is_dropped =
            |context: &TraceContext| self.dropped_by.is_none_or(|(rule, rate)| !rule.keeps(context.trace_id(), rate));
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
