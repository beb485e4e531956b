//! A request that is not recorded.

use std::fmt;
use std::sync::Arc;

use crate::pipeline::Queue;
use crate::propagation::TraceContext;
use crate::span::OutgoingContext;

/// A request that is not recorded, because the blacklist excludes it, the sampler dropped it, or the
/// pipeline has no room. The services that it calls join the same trace and learn that it is not sampled.
///
/// [`Tracer::begin`](crate::Tracer::begin) creates it; [`Current`](crate::Current) shows how to use it.
pub struct NonRecordingRequest {
    // `None`: the request begins a trace, whose id nothing has needed so far.
    context: Option<TraceContext>,
    outgoing_context: OutgoingContext,
    queue: Arc<Queue>,
}

impl NonRecordingRequest {
    #[inline]
    pub(crate) fn new(
        context: Option<TraceContext>,
        outgoing_context: OutgoingContext,
        queue: &Arc<Queue>,
    ) -> Arc<Self> {
        Arc::new(Self { context, outgoing_context, queue: Arc::clone(queue) })
    }

    /// The request's own trace context, which is never sampled.
    ///
    /// Few requests that begin a trace need its id, so the id is created on demand:
    /// [`Current::ensure_trace_id`](crate::Current::ensure_trace_id), which
    /// [`current::get`](crate::current::get) calls, stores it. Before that, every call returns another one.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        self.context.unwrap_or_else(TraceContext::root)
    }

    /// The same request with a stored context. `None`: it has one already.
    pub(super) fn with_stored_context(&self) -> Option<Arc<Self>> {
        match self.context {
            Some(_) => None,
            None => Some(Self::new(Some(TraceContext::root()), self.outgoing_context.clone(), &self.queue)),
        }
    }

    /// The baggage, `tracestate` and headers that are propagated with the trace context.
    #[must_use]
    pub fn outgoing_context(&self) -> &OutgoingContext {
        &self.outgoing_context
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
