//! A request that is not kept.

use std::fmt;
use std::sync::Arc;

use crate::pipeline::Intake;
use crate::propagation::TraceContext;
use crate::span::Luggage;

/// A request that is not kept. The services that it calls belong to the same trace all the same,
/// and learn that it is not sampled.
pub struct Passing {
    // `None`: it begins a trace, and nobody has asked which one yet.
    context: Option<TraceContext>,
    luggage: Luggage,
    intake: Arc<Intake>,
}

impl Passing {
    #[inline]
    pub(crate) fn new(context: Option<TraceContext>, luggage: Luggage, intake: &Arc<Intake>) -> Arc<Self> {
        Arc::new(Self { context, luggage, intake: Arc::clone(intake) })
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
            None => Some(Self::new(Some(TraceContext::root()), self.luggage.clone(), &self.intake)),
        }
    }

    /// What goes on beside the trace, the caller's `tracestate` among it.
    #[must_use]
    pub fn luggage(&self) -> &Luggage {
        &self.luggage
    }

    #[inline]
    pub(super) fn intake(&self) -> &Intake {
        &self.intake
    }
}

impl fmt::Debug for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passing").field("context", &self.context).finish_non_exhaustive()
    }
}
