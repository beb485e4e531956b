//! What goes on beside a trace.

use crate::propagation::{Baggage, PropagatorSet, TraceState};

/// What goes on to the services that a request calls, beside its trace, and in which headers. Most
/// requests go on as W3C Trace Context and have no baggage: that is nothing.
#[derive(Clone, Debug, Default)]
pub struct OutgoingContext(Option<Box<Contents>>);

#[derive(Clone, Debug)]
struct Contents {
    propagators: PropagatorSet,
    baggage: Option<Baggage>,
    state: Option<TraceState>,
}

impl OutgoingContext {
    /// Puts it together.
    #[inline]
    #[must_use]
    pub fn new(propagators: PropagatorSet, baggage: Option<Baggage>) -> Self {
        if baggage.is_none() && propagators == PropagatorSet::default() {
            return Self(None);
        }
        Self(Some(Box::new(Contents { propagators, baggage, state: None })))
    }

    /// The same with the caller's `tracestate`.
    #[must_use]
    pub fn with_trace_state(self, state: TraceState) -> Self {
        let (propagators, baggage) = (self.propagators(), self.baggage().cloned());
        Self(Some(Box::new(Contents { propagators, baggage, state: Some(state) })))
    }

    /// Whether nothing goes on but the trace, as W3C Trace Context.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The caller's `tracestate`, for a request that is not kept.
    #[must_use]
    pub fn trace_state(&self) -> Option<&TraceState> {
        self.0.as_ref()?.state.as_ref()
    }

    /// The headers that the trace goes on in.
    #[must_use]
    pub fn propagators(&self) -> PropagatorSet {
        self.0.as_ref().map_or_else(PropagatorSet::default, |contents| contents.propagators)
    }

    /// The caller's baggage.
    #[must_use]
    pub fn baggage(&self) -> Option<&Baggage> {
        self.0.as_ref()?.baggage.as_ref()
    }

    /// Bytes on the heap.
    pub(crate) fn heap_size(&self) -> usize {
        let contents = self.0.as_ref().map_or(0, |_| size_of::<Contents>());
        contents + self.baggage().map_or(0, Baggage::len)
    }
}
