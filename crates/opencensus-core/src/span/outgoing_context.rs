//! Baggage, `tracestate` and headers of outgoing calls.

use std::sync::Arc;

use crate::path_filter::PathFilter;
use crate::propagation::{Baggage, PropagatorSet, TraceState};

/// The data that a request propagates to the services that it calls besides its trace context: baggage, the
/// caller's `tracestate`, and the headers to use. The default, which most requests have, is W3C Trace Context
/// without baggage; it takes no memory.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Baggage, OutgoingContext, Propagators};
///
/// let baggage = Baggage::from_lines(["tenant=7".as_bytes()].into_iter());
/// let context = OutgoingContext::new(Propagators::default().set(), baggage);
/// assert_eq!(context.baggage().and_then(Baggage::to_header).as_deref(), Some("tenant=7"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct OutgoingContext(Option<Box<Contents>>);

#[derive(Clone, Debug)]
struct Contents {
    propagators: PropagatorSet,
    baggage: Option<Baggage>,
    state: Option<TraceState>,
    // Hosts that receive nothing.
    hosts: Option<Arc<PathFilter>>,
}

impl OutgoingContext {
    /// Creates a context from its parts.
    #[inline]
    #[must_use]
    pub fn new(propagators: PropagatorSet, baggage: Option<Baggage>) -> Self {
        if baggage.is_none() && propagators == PropagatorSet::default() {
            return Self(None);
        }
        Self(Some(Box::new(Contents { propagators, baggage, state: None, hosts: None })))
    }

    /// Adds the hosts that receive nothing: `host:` entries.
    #[must_use]
    pub fn without_hosts(self, hosts: Arc<PathFilter>) -> Self {
        let (propagators, baggage) = (self.propagators(), self.baggage().cloned());
        let state = self.trace_state().cloned();
        Self(Some(Box::new(Contents { propagators, baggage, state, hosts: Some(hosts) })))
    }

    /// Whether a host, with its port if it has one, receives the context.
    #[must_use]
    pub fn includes(&self, authority: &str) -> bool {
        let hosts = self.0.as_ref().and_then(|contents| contents.hosts.as_deref());
        !hosts.is_some_and(|hosts| hosts.matches("", None, Some(authority), ""))
    }

    /// Adds the caller's `tracestate`.
    #[must_use]
    pub fn with_trace_state(self, state: TraceState) -> Self {
        let (propagators, baggage) = (self.propagators(), self.baggage().cloned());
        let hosts = self.0.and_then(|contents| contents.hosts);
        Self(Some(Box::new(Contents { propagators, baggage, state: Some(state), hosts })))
    }

    /// Whether only the trace context is propagated, as W3C Trace Context.
    #[inline]
    pub(crate) fn is_default(&self) -> bool {
        self.0.is_none()
    }

    /// The caller's `tracestate`, if the request is not recorded. A recorded request keeps it in its span.
    #[must_use]
    pub fn trace_state(&self) -> Option<&TraceState> {
        self.0.as_ref()?.state.as_ref()
    }

    /// The headers in which the trace context is propagated.
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
