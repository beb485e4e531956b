//! What a call to another service belongs to.

use std::sync::Arc;

use crate::pipeline::Queue;
use crate::propagation::{Baggage, TraceContext, TraceState};
use crate::span::{Current, OutgoingContext};
use crate::telemetry::SpanRecord;
use crate::telemetry::request::Sampling;

/// What a call belongs to.
pub(crate) enum DependencyOwner {
    /// Nothing: the call is neither recorded nor propagated.
    Nothing,
    /// A request.
    Request(Current),
    /// Itself: it begins a trace.
    Root(Box<RootDependency>),
}

/// A call that begins a trace, which the sampler keeps.
pub(crate) struct RootDependency {
    sampling: Sampling,
    outgoing_context: OutgoingContext,
    queue: Arc<Queue>,
}

impl RootDependency {
    pub(crate) fn new(sampling: Sampling, outgoing_context: OutgoingContext, queue: &Arc<Queue>) -> Box<Self> {
        Box::new(Self { sampling, outgoing_context, queue: Arc::clone(queue) })
    }

    fn submit(&self, mut record: Box<SpanRecord>) {
        record.rate = self.sampling.rate;
        if record.rate.is_none() {
            self.queue.ledger().unknown_rate.increment();
        }
        self.queue.push(record.into());
    }

    fn headers(&self, from: TraceContext) -> Vec<(&'static str, Option<String>)> {
        let state = self.sampling.outgoing_trace_state(from.span_id(), None);
        self.outgoing_context.propagators().headers(from, state.as_ref().and_then(TraceState::to_header))
    }
}

impl DependencyOwner {
    pub(super) fn submit(&self, record: Box<SpanRecord>) {
        match self {
            Self::Nothing => {}
            Self::Request(request) => request.submit(record),
            Self::Root(root) => root.submit(record),
        }
    }

    /// The propagation headers of a call. `own`: the context of its span, if it is recorded.
    pub(super) fn headers(&self, own: Option<TraceContext>) -> Vec<(&'static str, Option<String>)> {
        match (self, own) {
            (Self::Request(request), own) => request.outgoing_headers(own.unwrap_or_else(|| request.child_context())),
            (Self::Root(root), Some(own)) => root.headers(own),
            (Self::Nothing, _) | (Self::Root(_), None) => Vec::new(),
        }
    }

    pub(super) fn baggage(&self) -> Option<&Baggage> {
        if let Self::Request(request) = self { request.baggage() } else { None }
    }
}
