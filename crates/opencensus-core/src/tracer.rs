//! Decides whether a request is recorded.

use std::sync::Arc;

use crate::path_filter::PathFilter;
use crate::pipeline::{Pipeline, Queue};
use crate::propagation::{Baggage, PropagatorSet, Propagators, RemoteParent, TraceContext};
use crate::request::{ForwardedRequest, Header, Privacy, RequestHead, TrustedProxies, synthetic_test};
use crate::sampler::{Candidate, Decision, ParentPolicy, Sampler, TailSampling};
use crate::span::{Current, NonRecordingRequest, OutgoingContext, RequestSpan, RequestStart};
use crate::telemetry::request::Sampling;

/// Begins requests. It checks path filter, sampler, and room in the pipeline, the cheapest first; only a
/// request that passes all of them is copied and recorded.
///
/// A tracer does not keep the pipeline running: keep the [`Pipeline`] as well.
///
/// # Examples
///
/// ```
/// use opencensus_core::{AlwaysOn, InMemoryExporter, ParentPolicy, PathFilter, Pipeline, PipelineLimits, Tracer};
///
/// let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None)?;
/// let filter = PathFilter::new(["/health"])?;
/// let tracer = Tracer::new(filter, Box::new(AlwaysOn), ParentPolicy::default(), &pipeline);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    // Shared by all requests that are not recorded and begin a trace.
    untraced: Arc<NonRecordingRequest>,
}

impl Tracer {
    /// Creates a tracer for this pipeline.
    #[must_use]
    pub fn new(filter: PathFilter, sampler: Box<dyn Sampler>, parents: ParentPolicy, pipeline: &Pipeline) -> Self {
        let (privacy, tail) = (Privacy::default(), TailSampling::default());
        let (proxies, propagators) = (TrustedProxies::default(), Propagators::default());
        let propagators_out = propagators.set();
        let queue = pipeline.queue();
        let untraced = NonRecordingRequest::new(None, OutgoingContext::default(), &queue);
        Self { filter, sampler, parents, tail, privacy, proxies, propagators, propagators_out, queue, untraced }
    }

    /// Keeps failures and slow requests even if the sampler drops them.
    #[must_use]
    pub fn with_tail_sampling(mut self, tail: TailSampling) -> Self {
        self.tail = tail;
        self
    }

    /// Sets what is redacted or left out before a request is exported.
    #[must_use]
    pub fn with_privacy(mut self, privacy: Privacy) -> Self {
        self.privacy = privacy;
        self
    }

    /// Sets the proxies whose forwarding headers are trusted.
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// Sets the headers in which trace contexts are received and propagated.
    #[must_use]
    pub fn with_propagators(mut self, propagators: Propagators) -> Self {
        self.propagators_out = propagators.set();
        self.propagators = propagators;
        self
    }

    /// Counts a request that arrives now and decides whether it is recorded.
    pub fn begin<H: RequestHead>(&self, head: &H) -> Current {
        let ledger = self.queue.ledger();
        ledger.requests.begin();
        let is_blacklisted = self.filter.matches_request(head);
        let parent = self.propagators.read(head);
        let outgoing_context = OutgoingContext::new(self.propagators_out, baggage(head));
        if is_blacklisted {
            ledger.blacklisted.increment();
            return self.begin_non_recording(parent, outgoing_context);
        }
        let context = parent.as_ref().map_or_else(TraceContext::root, |parent| parent.context.child(false));
        let candidate = Candidate::new(context.trace_id(), parent.as_ref(), head);
        let decision = self.parents.decide(&*self.sampler, &candidate);
        if !decision.kept && !self.tail.is_on() {
            ledger.sampled_out.increment();
            return self.begin_non_recording(parent, outgoing_context);
        }
        if !self.queue.has_room() {
            return self.begin_non_recording(parent, outgoing_context);
        }
        Current::Recording(self.begin_recording(head, context, parent, outgoing_context, decision))
    }

    #[inline]
    fn begin_recording<H: RequestHead>(
        &self,
        head: &H,
        context: TraceContext,
        parent: Option<RemoteParent>,
        outgoing_context: OutgoingContext,
        decision: Decision,
    ) -> Arc<RequestSpan> {
        let flags = context.flags().with_sampled(decision.kept);
        let span = RequestSpan::start(RequestStart {
            head,
            context: TraceContext::new(context.trace_id(), context.span_id(), flags),
            parent: parent.as_ref().map(|parent| parent.context.span_id()),
            trace_state: parent.and_then(|parent| parent.state),
            outgoing_context,
            sampling: Sampling { rate: decision.rate, rule: decision.rule },
            tail: self.tail,
            privacy: self.privacy,
            forwarded: self.forwarded(head),
            attributes: decision.attributes,
            queue: &self.queue,
        });
        if head.may_have(Header::SyntheticTestRunId) {
            synthetic_test(head).into_iter().for_each(|attribute| span.set_attribute(attribute));
        }
        span
    }

    /// A request that begins a trace and carries nothing needs no allocation: all of them share one handle.
    #[inline]
    fn begin_non_recording(&self, parent: Option<RemoteParent>, outgoing_context: OutgoingContext) -> Current {
        Current::NonRecording(match parent {
            None if outgoing_context.is_default() => Arc::clone(&self.untraced),
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
    fn recorded_request_continues_the_trace_as_a_child() {
        let (tracer, pipeline, exporter) = tracer(Box::new(AlwaysOn));
        let Current::Recording(span) = tracer.begin(&with_parent("/users/7")) else { panic!("not recorded") };
        span.end(Some(200), Outcome::Completed);
        assert!(pipeline.flush(Duration::from_secs(5)).wait().complete);
        let requests = exporter.requests();
        assert_eq!(requests[0].parent().unwrap().to_string(), "00f067aa0ba902b7");
        assert_eq!(requests[0].context().trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(requests[0].context().flags().is_sampled());
    }

    #[test]
    fn blacklisted_request_propagates_its_trace_unsampled() {
        let (tracer, pipeline, _) = tracer(Box::new(AlwaysOn));
        let Current::NonRecording(request) = tracer.begin(&with_parent("/health")) else { panic!("recorded") };
        assert_eq!(request.context().trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(!request.context().flags().is_sampled());
        assert_eq!(request.outgoing_context().trace_state().unwrap().to_header().as_deref(), Some("a=1"));
        assert_eq!(pipeline.stats().blacklisted, 1);
    }

    #[test]
    fn sampled_out_request_is_counted() {
        let (tracer, pipeline, _) = tracer(Box::new(AlwaysOff));
        assert!(matches!(tracer.begin(&Head::get("/")), Current::NonRecording(_)));
        assert_eq!(pipeline.stats().sampled_out, 1);
    }

    #[test]
    fn request_is_refused_when_the_pipeline_is_closed() {
        let (tracer, pipeline, _) = tracer(Box::new(AlwaysOn));
        assert!(pipeline.shutdown(Duration::from_secs(5)).wait().complete);
        assert!(matches!(tracer.begin(&Head::get("/")), Current::NonRecording(_)));
        assert_eq!(pipeline.stats().refused.closed, 1);
    }
}
