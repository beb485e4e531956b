//! A request that is not kept.

use std::fmt;
use std::sync::Arc;

use crate::pipeline::Queue;
use crate::propagation::TraceContext;
use crate::span::OutgoingContext;

/// A request that is not kept. The services that it calls belong to the same trace all the same,
/// and learn that it is not sampled.
pub struct NonRecordingRequest {
    // `None`: it begins a trace, and nobody has asked which one yet.
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

    /// Trace id, a span id of its own, and flags that are never sampled. Most requests that begin a trace
    /// are never asked for it, so it begins with [`Current::settle`](super::Current::settle), which
    /// [`current::get`](super::current::get) calls; before that, every call gives another.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        self.context.unwrap_or_else(TraceContext::root)
    }

    /// The same with a context that stays; `None`: it has one.
    pub(super) fn settled(&self) -> Option<Arc<Self>> {
        match self.context {
            Some(_) => None,
            None => Some(Self::new(Some(TraceContext::root()), self.outgoing_context.clone(), &self.queue)),
        }
    }

    /// What goes on beside the trace, the caller's `tracestate` among it.
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
