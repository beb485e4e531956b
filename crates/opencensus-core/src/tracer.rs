//! Decides what becomes of a request, the cheapest refusal first.

use std::sync::Arc;

use crate::path_filter::PathFilter;
use crate::pipeline::{InFlight, Intake, Pipeline};
use crate::propagation::{Baggage, PropagatorSet, Propagators, RemoteParent, TraceContext, TraceState};
use crate::request::{ForwardedRequest, Header, Privacy, RequestHead, TrustedProxies};
use crate::sampler::{Candidate, ParentPolicy, Sampler, TailSampling};
use crate::span::{Luggage, Passing, RequestRecord, RequestSpan, Sampling};

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
    intake: Arc<Intake>,
}

/// What became of a request.
#[derive(Debug)]
pub enum Admission {
    /// It is kept, or may be at its end.
    Kept(Arc<RequestSpan>),
    /// It leaves no telemetry; its trace goes on.
    Passing(Passing),
}

impl Tracer {
    /// Puts the parts together.
    #[must_use]
    pub fn new(filter: PathFilter, sampler: Box<dyn Sampler>, parents: ParentPolicy, pipeline: &Pipeline) -> Self {
        let (privacy, tail) = (Privacy::default(), TailSampling::default());
        let (proxies, propagators) = (TrustedProxies::default(), Propagators::default());
        let propagators_out = propagators.set();
        let intake = pipeline.intake();
        Self { filter, sampler, parents, tail, privacy, proxies, propagators, propagators_out, intake }
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

    /// Counts a request that arrives now, kept or not, until the guard is dropped.
    #[inline]
    #[must_use]
    pub fn arrive(&self) -> InFlight {
        InFlight::begin(&self.intake)
    }

    /// Decides about a request that arrives now.
    pub fn begin<H: RequestHead>(&self, head: &H) -> Admission {
        let ledger = self.intake.ledger();
        let is_hidden = self.hides(head);
        let parent = self.propagators.read(head);
        let luggage = Luggage::new(self.propagators_out, Baggage::from_lines(head.header(Header::Baggage)));
        let context = parent.as_ref().map_or_else(TraceContext::root, |parent| parent.context.child(false));
        if is_hidden {
            ledger.blacklisted.increment();
            return passing(context, parent, luggage);
        }
        let candidate = Candidate::new(context.trace_id(), parent.as_ref(), head);
        let decision = self.parents.decide(&*self.sampler, &candidate);
        if !decision.kept && !self.tail.is_on() {
            ledger.sampled_out.increment();
            return passing(context, parent, luggage);
        }
        if !self.intake.has_room() {
            return passing(context, parent, luggage);
        }
        let sampling = Sampling { rate: decision.rate, rule: decision.rule };
        let flags = context.flags().with_sampled(decision.kept);
        let context = TraceContext::new(context.trace_id(), context.span_id(), flags);
        let parent_id = parent.as_ref().map(|parent| parent.context.span_id());
        let state = parent.and_then(|parent| parent.state);
        let span = RequestSpan::start(context, state.clone(), luggage, sampling, self.tail, &self.intake, || {
            RequestRecord::with(context, parent_id, state, sampling, self.privacy, head)
        });
        if let Some(forwarded) = self.forwarded(head) {
            span.set_forwarded(forwarded);
        }
        for attribute in decision.attributes {
            span.set_attribute(attribute);
        }
        Admission::Kept(span)
    }

    fn forwarded<H: RequestHead>(&self, head: &H) -> Option<ForwardedRequest> {
        if self.proxies.is_empty() { None } else { self.proxies.resolve(head) }
    }

    fn hides<H: RequestHead>(&self, head: &H) -> bool {
        self.filter.hides_request(head)
    }
}

fn passing(context: TraceContext, parent: Option<RemoteParent>, luggage: Luggage) -> Admission {
    let state = parent.and_then(|parent| parent.state).map(TraceState::without_threshold);
    Admission::Passing(Passing { context, luggage: luggage.with_trace_state(state) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exporter::InMemoryExporter;
    use crate::pipeline::PipelineLimits;
    use crate::sampler::{AlwaysOff, AlwaysOn};
    use crate::span::Outcome;
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
        let Admission::Kept(span) = tracer.begin(&with_parent("/users/7")) else { panic!("not kept") };
        span.end(Outcome::Completed);
        assert!(pipeline.flush(Duration::from_secs(5)).wait().complete);
        let requests = exporter.requests();
        assert_eq!(requests[0].parent().unwrap().to_string(), "00f067aa0ba902b7");
        assert_eq!(requests[0].context().trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(requests[0].context().flags().is_sampled());
    }

    #[test]
    fn blacklisted_request_passes_its_trace_on_unsampled() {
        let (tracer, pipeline, _) = tracer(Box::new(AlwaysOn));
        let Admission::Passing(passing) = tracer.begin(&with_parent("/health")) else { panic!("kept") };
        assert_eq!(passing.context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(!passing.context.flags().is_sampled());
        assert_eq!(passing.luggage.trace_state().unwrap().to_header().as_deref(), Some("a=1"));
        assert_eq!(pipeline.stats().blacklisted, 1);
    }

    #[test]
    fn request_that_is_sampled_out_is_counted() {
        let (tracer, pipeline, _) = tracer(Box::new(AlwaysOff));
        assert!(matches!(tracer.begin(&Head::get("/")), Admission::Passing(_)));
        assert_eq!(pipeline.stats().sampled_out, 1);
    }

    #[test]
    fn closed_pipeline_refuses_before_anything_is_copied() {
        let (tracer, pipeline, _) = tracer(Box::new(AlwaysOn));
        assert!(pipeline.shutdown(Duration::from_secs(5)).wait().complete);
        assert!(matches!(tracer.begin(&Head::get("/")), Admission::Passing(_)));
        assert_eq!(pipeline.stats().refused.closed, 1);
    }
}
