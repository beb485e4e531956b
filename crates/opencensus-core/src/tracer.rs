//! Decides what becomes of a request, the cheapest refusal first.

use std::sync::Arc;

use crate::path_filter::PathFilter;
use crate::pipeline::{Pipeline, Queue};
use crate::propagation::{Baggage, PropagatorSet, Propagators, RemoteParent, TraceContext};
use crate::request::{ForwardedRequest, Header, Privacy, RequestHead, TrustedProxies};
use crate::sampler::{Candidate, Decision, ParentPolicy, Sampler, TailSampling};
use crate::span::{Current, NonRecordingRequest, OutgoingContext, RequestSpan};
use crate::telemetry::request::Sampling;

/// Starts request spans: path filter, trace context, sampler, room in the pipeline, in this order.
/// Only a request that passes them all copies anything.
///
/// It holds the pipeline's queue, not the pipeline: keep the [`Pipeline`] beside it.
#[derive(Debug)]
pub struct Tracer {
    filter: PathFilter,
    sampler: Box<dyn Sampler>,
    parents: ParentPolicy,
    tail: TailSampling,
    privacy: Privacy,
    proxies: TrustedProxies,
    propagators: Propagators,
    propagators_out: PropagatorSet,
    queue: Arc<Queue>,
    // What requests share that are not kept and begin a trace.
    passing: Arc<NonRecordingRequest>,
}

impl Tracer {
    /// Puts the parts together.
    #[must_use]
    pub fn new(filter: PathFilter, sampler: Box<dyn Sampler>, parents: ParentPolicy, pipeline: &Pipeline) -> Self {
        let (privacy, tail) = (Privacy::default(), TailSampling::default());
        let (proxies, propagators) = (TrustedProxies::default(), Propagators::default());
        let propagators_out = propagators.set();
        let queue = pipeline.queue();
        let passing = NonRecordingRequest::new(None, OutgoingContext::default(), &queue);
        Self { filter, sampler, parents, tail, privacy, proxies, propagators, propagators_out, queue, passing }
    }

    /// Keeps failures and slow requests whatever the sampler says.
    #[must_use]
    pub fn with_tail_sampling(mut self, tail: TailSampling) -> Self {
        self.tail = tail;
        self
    }

    /// Says what of a request leaves the process.
    #[must_use]
    pub fn with_privacy(mut self, privacy: Privacy) -> Self {
        self.privacy = privacy;
        self
    }

    /// Believes these proxies about the client.
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// Reads and writes the trace in these headers.
    #[must_use]
    pub fn with_propagators(mut self, propagators: Propagators) -> Self {
        self.propagators_out = propagators.set();
        self.propagators = propagators;
        self
    }

    /// Counts a request that arrives now, and decides about it.
    pub fn begin<H: RequestHead>(&self, head: &H) -> Current {
        let ledger = self.queue.ledger();
        ledger.requests.begin();
        let is_hidden = self.filter.hides_request(head);
        let parent = self.propagators.read(head);
        let outgoing_context = OutgoingContext::new(self.propagators_out, baggage(head));
        if is_hidden {
            ledger.blacklisted.increment();
            return self.pass(parent, outgoing_context);
        }
        let context = parent.as_ref().map_or_else(TraceContext::root, |parent| parent.context.child(false));
        let candidate = Candidate::new(context.trace_id(), parent.as_ref(), head);
        let decision = self.parents.decide(&*self.sampler, &candidate);
        if !decision.kept && !self.tail.is_on() {
            ledger.sampled_out.increment();
            return self.pass(parent, outgoing_context);
        }
        if !self.queue.has_room() {
            return self.pass(parent, outgoing_context);
        }
        Current::Kept(self.keep(head, context, parent, outgoing_context, decision))
    }

    #[inline]
    fn keep<H: RequestHead>(
        &self,
        head: &H,
        context: TraceContext,
        parent: Option<RemoteParent>,
        outgoing_context: OutgoingContext,
        decision: Decision,
    ) -> Arc<RequestSpan> {
        let sampling = Sampling { rate: decision.rate, rule: decision.rule };
        let flags = context.flags().with_sampled(decision.kept);
        let context = TraceContext::new(context.trace_id(), context.span_id(), flags);
        let parent_id = parent.as_ref().map(|parent| parent.context.span_id());
        let state = parent.and_then(|parent| parent.state);
        let mut span =
            RequestSpan::start(context, parent_id, state, outgoing_context, sampling, self.tail, &self.queue);
        RequestSpan::fill(&mut span, head, self.privacy, self.forwarded(head), decision.attributes);
        span
    }

    /// One that begins a trace, and carries nothing, is like all others: nothing is made for it.
    #[inline]
    fn pass(&self, parent: Option<RemoteParent>, outgoing_context: OutgoingContext) -> Current {
        Current::NonRecordingRequest(match parent {
            None if outgoing_context.is_empty() => Arc::clone(&self.passing),
            None => NonRecordingRequest::new(None, outgoing_context, &self.queue),
            Some(RemoteParent { context, state: None, .. }) => {
                NonRecordingRequest::new(Some(context.child(false)), outgoing_context, &self.queue)
            }
            Some(RemoteParent { context, state: Some(state), .. }) => {
                let outgoing_context = outgoing_context.with_trace_state(state.without_threshold());
                NonRecordingRequest::new(Some(context.child(false)), outgoing_context, &self.queue)
            }
        })
    }

    fn forwarded<H: RequestHead>(&self, head: &H) -> Option<ForwardedRequest> {
        if self.proxies.is_empty() { None } else { self.proxies.resolve(head) }
    }
}

#[inline]
fn baggage<H: RequestHead>(head: &H) -> Option<Baggage> {
    if head.may_have(Header::Baggage) { Baggage::from_lines(head.header(Header::Baggage)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exporter::InMemoryExporter;
    use crate::pipeline::PipelineLimits;
    use crate::sampler::{AlwaysOff, AlwaysOn};
    use crate::telemetry::Outcome;
    use crate::testing::Head;
    use std::time::Duration;

    const PARENT: &[u8] = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn tracer(sampler: Box<dyn Sampler>) -> (Tracer, Pipeline, InMemoryExporter) {
        let exporter = InMemoryExporter::default();
        let pipeline = Pipeline::start(Box::new(exporter.clone()), PipelineLimits::default(), None).unwrap();
        let filter = PathFilter::new(["/health"]).unwrap();
        (Tracer::new(filter, sampler, ParentPolicy::default(), &pipeline), pipeline, exporter)
    }

    fn with_parent(path: &'static str) -> Head {
        Head { traceparent: vec![PARENT], tracestate: vec![b"a=1"], ..Head::get(path) }
    }

    #[test]
    fn kept_request_continues_the_trace_as_a_child() {
        let (tracer, pipeline, exporter) = tracer(Box::new(AlwaysOn));
        let Current::Kept(span) = tracer.begin(&with_parent("/users/7")) else { panic!("not kept") };
        span.end(Some(200), Outcome::Completed);
        assert!(pipeline.flush(Duration::from_secs(5)).wait().complete);
        let requests = exporter.requests();
        assert_eq!(requests[0].parent().unwrap().to_string(), "00f067aa0ba902b7");
        assert_eq!(requests[0].context().trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(requests[0].context().flags().is_sampled());
    }

    #[test]
    fn blacklisted_request_passes_its_trace_on_unsampled() {
        let (tracer, pipeline, _) = tracer(Box::new(AlwaysOn));
        let Current::NonRecordingRequest(passing) = tracer.begin(&with_parent("/health")) else { panic!("kept") };
        assert_eq!(passing.context().trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(!passing.context().flags().is_sampled());
        assert_eq!(passing.outgoing_context().trace_state().unwrap().to_header().as_deref(), Some("a=1"));
        assert_eq!(pipeline.stats().blacklisted, 1);
    }

    #[test]
    fn request_that_is_sampled_out_is_counted() {
        let (tracer, pipeline, _) = tracer(Box::new(AlwaysOff));
        assert!(matches!(tracer.begin(&Head::get("/")), Current::NonRecordingRequest(_)));
        assert_eq!(pipeline.stats().sampled_out, 1);
    }

    #[test]
    fn closed_pipeline_refuses_before_anything_is_copied() {
        let (tracer, pipeline, _) = tracer(Box::new(AlwaysOn));
        assert!(pipeline.shutdown(Duration::from_secs(5)).wait().complete);
        assert!(matches!(tracer.begin(&Head::get("/")), Current::NonRecordingRequest(_)));
        assert_eq!(pipeline.stats().refused.closed, 1);
    }
}
