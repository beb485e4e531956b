//! What a call to another service belongs to.

use crate::pipeline::QueueRef;
use crate::propagation::{Baggage, TraceContext};
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
    queue: QueueRef,
}

impl RootDependency {
    pub(crate) fn new(sampling: Sampling, outgoing_context: OutgoingContext, queue: &QueueRef) -> Box<Self> {
        Box::new(Self { sampling, outgoing_context, queue: queue.clone() })
    }

    fn submit(&self, mut record: SpanRecord) {
        record.rate = self.sampling.rate;
        if record.rate.is_none() {
            self.queue.ledger().unknown_rate.increment();
        }
        self.queue.push(record.into());
    }

    fn visit_headers(&self, from: TraceContext, visit: &mut dyn FnMut(&'static str, Option<String>)) {
        let state = self.sampling.outgoing_header(from.span_id(), None);
        self.outgoing_context.propagators().visit(from, state, visit);
    }
}

impl DependencyOwner {
    pub(super) fn submit(&self, record: SpanRecord) {
        match self {
            Self::Nothing => {}
            Self::Request(Current::Recording(span)) => span.submit_span(record),
            Self::Request(request) => request.submit(record),
            Self::Root(root) => root.submit(record),
        }
    }

    /// Visits the propagation headers of a call. `own`: the context of its span, if it is recorded.
    pub(super) fn visit_headers(&self, own: Option<TraceContext>, visit: &mut dyn FnMut(&'static str, Option<String>)) {
        match (self, own) {
            (Self::Request(request), own) => {
                request.visit_outgoing_headers(own.unwrap_or_else(|| request.child_context()), visit);
            }
            (Self::Root(root), Some(own)) => root.visit_headers(own, visit),
            (Self::Nothing, _) | (Self::Root(_), None) => {}
        }
    }

    pub(super) fn baggage(&self) -> Option<&Baggage> {
        if let Self::Request(request) = self { request.baggage() } else { None }
    }
}
