//! Decides whether a request is recorded.

mod dependency;

use std::sync::{Arc, OnceLock};

use crate::attribute::Attribute;
use crate::ids::SpanId;
use crate::path_filter::PathFilter;
use crate::pipeline::{Pipeline, Queue, QueueRef, Striped};
use crate::propagation::{Baggage, Caller, PropagatorSet, Propagators, TraceContext};
use crate::request::{Header, Privacy, RequestHead, TrustedProxies, synthetic_test};
use crate::sampler::{Candidate, Decision, ParentPolicy, Sampler, TailSampling};
use crate::sampling_rate::SamplingRate;
use crate::span::{Current, NonRecordingRequest, OutgoingContext, RequestSpan, RequestStart};
use crate::telemetry::Link;
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
    // That of the sampler.
    constant: Option<bool>,
    parents: ParentPolicy,
    tail: TailSampling,
    privacy: Privacy,
    proxies: TrustedProxies,
    known_methods: Vec<String>,
    propagators: Propagators,
    propagators_out: PropagatorSet,
    // Hosts that receive no trace.
    hosts: Option<Arc<PathFilter>>,
    queue: Arc<Queue>,
    // For the requests, by stripe of threads, as is what they share.
    refs: Striped<QueueRef>,
    // Shared by all requests that are not recorded and begin a trace.
    untraced: Striped<Arc<NonRecordingRequest>>,
    // The same for those that the sampler drops. Most samplers have one rule and one rate.
    dropped: OnceLock<Striped<Arc<NonRecordingRequest>>>,
}

impl Tracer {
    /// Creates a tracer for this pipeline.
    #[must_use]
    pub fn new(filter: PathFilter, sampler: Box<dyn Sampler>, parents: ParentPolicy, pipeline: &Pipeline) -> Self {
        let (privacy, tail) = (Privacy::default(), TailSampling::default());
        let (proxies, propagators) = (TrustedProxies::default(), Propagators::default());
        let propagators_out = propagators.set();
        let queue = pipeline.queue();
        let refs = QueueRef::striped(&queue);
        let untraced = Striped::new(|| {
            NonRecordingRequest::new(None, Caller::Unknown, OutgoingContext::default(), &QueueRef::new(&queue))
        });
        let (dropped, constant) = (OnceLock::new(), sampler.constant());
        Self {
            filter,
            sampler,
            constant,
            parents,
            tail,
            privacy,
            proxies,
            known_methods: Vec::new(),
            propagators,
            propagators_out,
            hosts: None,
            queue,
            refs,
            untraced,
            dropped,
        }
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

    /// Sets methods, besides those of IANA's registry, that may be part of an operation's name. Others are `_OTHER`.
    #[must_use]
    pub fn with_known_methods(mut self, methods: Vec<String>) -> Self {
        self.known_methods = methods;
        self
    }

    /// Sets the headers in which trace contexts are received and propagated.
    #[must_use]
    pub fn with_propagators(mut self, propagators: Propagators) -> Self {
        self.propagators_out = propagators.set();
        self.propagators = propagators;
        self
    }

    /// Sets the hosts to which no trace is propagated: `host:` entries.
    #[must_use]
    pub fn without_hosts(mut self, hosts: PathFilter) -> Self {
        self.hosts = Some(Arc::new(hosts)).filter(|hosts| !hosts.is_empty());
        self
    }

    /// The sampler, for traces that begin without a request.
    #[must_use]
    pub fn sampler(&self) -> &dyn Sampler {
        &*self.sampler
    }

    /// Counts a request that arrives now and decides whether it is recorded.
    // Inlined always: the head is large, and the usual request takes few of the branches.
    #[inline(always)]
    pub fn begin<H: RequestHead>(&self, head: &H) -> Current {
        let lane = self.queue.lane();
        lane.counters().requests.begin();
        let is_blacklisted = self.filter.matches_request(head);
        let caller = self.propagators.read(head);
        let outgoing_context = self.outgoing_context(baggage(head));
        if self.parents.distrusts_ids() && caller != Caller::Unknown {
            return self.begin_untrusted(head, caller, outgoing_context, is_blacklisted);
        }
        if is_blacklisted {
            lane.counters().blacklisted.increment();
            return self.begin_non_recording(caller, outgoing_context);
        }
        let constant = if caller == Caller::Unknown { self.constant } else { None };
        if constant == Some(false) && !self.tail.is_on() {
            lane.counters().sampled_out.increment();
            return self.begin_non_recording(Caller::Unknown, outgoing_context);
        }
        let context = caller.parent().map_or_else(TraceContext::root, |parent| parent.context.child(false));
        let decision = match constant {
            Some(kept) => Decision::new(kept, if kept { SamplingRate::ALL } else { SamplingRate::NONE }),
            None => self.parents.decide(&*self.sampler, &candidate(context, &caller, head)),
        };
        if self.drops(&decision) {
            return self.begin_dropped(context, caller, outgoing_context, &decision);
        }
        if !self.queue.has_room_for(lane) {
            return self.begin_non_recording(caller, outgoing_context);
        }
        let parent = caller.parent().map(|parent| parent.context.span_id());
        Current::Recording(self.begin_recording(head, context, parent, caller, outgoing_context, decision))
    }

    /// Begins a request whose caller is not trusted: nothing that it sent sways the decision, except within the limit of
    /// the policy. A request that does not continue the caller's trace has a link to it.
    #[cold]
    fn begin_untrusted<H: RequestHead>(
        &self,
        head: &H,
        caller: Caller,
        outgoing_context: OutgoingContext,
        is_blacklisted: bool,
    ) -> Current {
        if is_blacklisted {
            self.queue.counters().blacklisted.increment();
            return self.begin_non_recording(Caller::Unknown, outgoing_context);
        }
        let root = TraceContext::root();
        let mut decision = self.parents.decide(&*self.sampler, &candidate(root, &caller, head));
        if self.drops(&decision) || !self.queue.has_room() {
            return self.continue_unrecorded(Some(root), Caller::Unknown, outgoing_context);
        }
        let parent = caller.parent().map(|parent| parent.context);
        if let Some(parent) = parent.filter(|_| decision.kept && self.parents.continues_untrusted()) {
            // The sampler decided by another id.
            decision.rule = None;
            let (context, parent) = (parent.child(false), Some(parent.span_id()));
            return Current::Recording(self.begin_recording_rarely(
                head,
                context,
                parent,
                caller,
                outgoing_context,
                decision,
            ));
        }
        let span = self.begin_recording_rarely(head, root, None, Caller::Unknown, outgoing_context, decision);
        if let Some(parent) = parent {
            let traceparent: String = parent.to_header().map(char::from).iter().collect();
            span.set_attribute(Attribute::new(UNTRUSTED_CALLER, traceparent));
            span.add_link(Link::new(parent));
        }
        Current::Recording(span)
    }

    /// Begins a request that the service makes of itself while it handles `outer`, such as a part of a batch. It is a
    /// request like any other, with a decision of its own, in the trace of `outer`. Caller and trace id are those of
    /// `outer`, so that samplers which decide by them decide alike. It is a child of `outer` if that is recorded.
    ///
    /// Headers with another trace go before `outer`, unless callers are not trusted, and so do all headers if `outer`
    /// belongs to another pipeline, which is another service.
    #[cold]
    pub fn begin_inside<H: RequestHead>(&self, head: &H, outer: &Current) -> Current {
        let sent = self.propagators.read(head).parent().map(|parent| parent.context);
        let of_outer = outer.context();
        let same_trace = sent.filter(|sent| sent.trace_id() == of_outer.trace_id());
        let is_same_service = std::ptr::eq(outer.queue(), &*self.queue);
        let is_other_trace = same_trace.is_none() && !self.parents.distrusts_ids();
        if sent.is_some() && (is_other_trace || !is_same_service) {
            return self.begin_afresh(head);
        }
        let counters = self.queue.counters();
        counters.requests.begin();
        let (context, caller) = (of_outer.child(false), outer.caller());
        let baggage = baggage(head).or_else(|| outer.baggage().cloned());
        let outgoing_context = self.outgoing_context(baggage);
        let is_blacklisted = self.filter.matches_request(head);
        if is_blacklisted {
            counters.blacklisted.increment();
        }
        let decision = self.parents.decide(&*self.sampler, &candidate(context, &caller, head));
        if is_blacklisted || self.drops(&decision) || !self.queue.has_room() {
            return self.continue_unrecorded(Some(context), caller, outgoing_context);
        }
        let parent = match outer {
            // The headers name the span of the call, or are copies of those of `outer`.
            Current::Recording(span) => {
                let of_call = same_trace.map(TraceContext::span_id).filter(|call| Some(*call) != span.parent());
                Some(of_call.unwrap_or(of_outer.span_id()))
            }
            Current::NonRecording(_) => caller.parent().map(|parent| parent.context.span_id()),
        };
        Current::Recording(self.begin_recording_rarely(head, context, parent, caller, outgoing_context, decision))
    }

    #[inline]
    fn outgoing_context(&self, baggage: Option<Baggage>) -> OutgoingContext {
        let context = OutgoingContext::new(self.propagators_out, baggage);
        match &self.hosts {
            None => context,
            Some(hosts) => context.without_hosts(Arc::clone(hosts)),
        }
    }

    /// [`begin`](Self::begin), once for all of its rare callers.
    #[cold]
    fn begin_afresh<H: RequestHead>(&self, head: &H) -> Current {
        self.begin(head)
    }

    /// Whether a request is certainly not kept, which is counted.
    #[inline]
    fn drops(&self, decision: &Decision) -> bool {
        let is_dropped = !decision.kept && !self.tail.is_on();
        if is_dropped {
            self.queue.counters().sampled_out.increment();
        }
        is_dropped
    }

    /// A request that the sampler dropped by the trace id of `context`, or of `caller`.
    #[inline]
    fn begin_dropped(
        &self,
        context: TraceContext,
        caller: Caller,
        outgoing_context: OutgoingContext,
        decision: &Decision,
    ) -> Current {
        let by = match (&caller, decision.rule, decision.rate) {
            (Caller::Parent(_), ..) | (_, None, Some(SamplingRate::NONE)) => {
                return self.begin_non_recording(caller, outgoing_context);
            }
            (_, Some(rule), Some(rate)) => (rule, rate),
            // An unknown rule: only this id is known to be dropped.
            _ => return self.continue_unrecorded(Some(context), caller, outgoing_context),
        };
        if outgoing_context.is_default() && caller == Caller::Unknown {
            let make = || {
                let queue = QueueRef::new(&self.queue);
                NonRecordingRequest::dropped(by, Caller::Unknown, OutgoingContext::default(), &queue)
            };
            let shared = self.dropped.get_or_init(|| Striped::new(make)).of_thread();
            if shared.dropped_by() == Some(by) {
                return Current::NonRecording(Arc::clone(shared));
            }
        }
        let queue = self.refs.of_thread();
        Current::NonRecording(NonRecordingRequest::dropped(by, caller, outgoing_context, queue))
    }

    /// [`begin_recording`](Self::begin_recording), once for all of its rare callers.
    #[cold]
    fn begin_recording_rarely<H: RequestHead>(
        &self,
        head: &H,
        context: TraceContext,
        parent: Option<SpanId>,
        caller: Caller,
        outgoing_context: OutgoingContext,
        decision: Decision,
    ) -> Arc<RequestSpan> {
        self.begin_recording(head, context, parent, caller, outgoing_context, decision)
    }

    // Inlined always: its arguments are large.
    #[inline(always)]
    fn begin_recording<H: RequestHead>(
        &self,
        head: &H,
        context: TraceContext,
        parent: Option<SpanId>,
        caller: Caller,
        outgoing_context: OutgoingContext,
        decision: Decision,
    ) -> Arc<RequestSpan> {
        let flags = context.flags().with_sampled(decision.kept);
        let span = RequestSpan::start(RequestStart {
            head,
            context: TraceContext::new(context.trace_id(), context.span_id(), flags),
            parent,
            caller_decision: caller.decision(),
            trace_state: caller.into_state(),
            outgoing_context,
            sampling: Sampling { rate: decision.rate, rule: decision.rule },
            tail: self.tail,
            privacy: self.privacy,
            is_known_method: !self.known_methods.is_empty() && self.knows_method(head.method()),
            queue: self.refs.of_thread(),
        });
        if !self.proxies.is_empty() {
            self.proxies.resolve(head).into_iter().for_each(|forwarded| span.set_forwarded(forwarded));
        }
        add_attributes(&span, decision.attributes);
        if head.may_have(Header::SyntheticTestRunId) {
            synthetic_test(head).into_iter().for_each(|attribute| span.set_attribute(attribute));
        }
        span
    }

    /// A request that begins a trace and carries nothing needs no allocation: all of them share one handle.
    #[inline(always)]
    fn begin_non_recording(&self, caller: Caller, outgoing_context: OutgoingContext) -> Current {
        match &caller {
            Caller::Unknown if outgoing_context.is_default() => {
                Current::NonRecording(Arc::clone(self.untraced.of_thread()))
            }
            Caller::Unknown | Caller::Decision(_) => {
                Current::NonRecording(NonRecordingRequest::new(None, caller, outgoing_context, self.refs.of_thread()))
            }
            Caller::Parent(_) => self.continue_unrecorded(None, caller, outgoing_context),
        }
    }

    /// A request that is not recorded and continues the caller's trace. `context`: its own ids, if they exist.
    #[inline(always)]
    fn continue_unrecorded(
        &self,
        context: Option<TraceContext>,
        caller: Caller,
        mut outgoing_context: OutgoingContext,
    ) -> Current {
        if let Some(state) = caller.state().cloned() {
            outgoing_context = outgoing_context.with_trace_state(state.without_threshold());
        }
        Current::NonRecording(NonRecordingRequest::new(context, caller, outgoing_context, self.refs.of_thread()))
    }

    #[cold]
    fn knows_method(&self, method: &str) -> bool {
        self.known_methods.iter().any(|known| known == method)
    }
}

/// Adds the attributes of the sampler, which most have not.
#[inline(always)]
fn add_attributes(span: &RequestSpan, attributes: Vec<Attribute>) {
    if attributes.capacity() == 0 {
        // It owns no memory. Its drop would be a call, which finds that out.
        return std::mem::forget(attributes);
    }
    attributes.into_iter().for_each(|attribute| span.set_attribute(attribute));
}

/// The attribute of a request that does not continue the trace of its caller: the caller's context, in the form of
/// `traceparent`.
const UNTRUSTED_CALLER: &str = "caller.traceparent";

#[inline]
fn candidate<'a, H: RequestHead>(context: TraceContext, caller: &'a Caller, head: &'a H) -> Candidate<'a> {
    let candidate = Candidate::new(context.trace_id(), caller.parent(), head);
    match caller {
        Caller::Decision(is_sampled) => candidate.with_decision_alone(*is_sampled),
        _ => candidate,
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
    use crate::sampler::{AlwaysOff, AlwaysOn, ApplicationInsightsSampler, ProbabilitySampler};
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

    #[test]
    fn trace_id_that_is_created_after_the_decision_is_one_that_the_sampler_drops() {
        let half = SamplingRate::try_from(0.5).unwrap();
        for sampler in [
            Box::new(ProbabilitySampler::new(half)) as Box<dyn Sampler>,
            Box::new(ApplicationInsightsSampler::new(half)),
        ] {
            let (tracer, _pipeline, _) = tracer(sampler);
            for _ in 0..100 {
                let current = tracer.begin(&Head::get("/"));
                if let Current::NonRecording(_) = &current {
                    let head = Head::get("/");
                    let candidate = Candidate::new(current.context().trace_id(), None, &head);
                    assert!(!tracer.sampler.decide(&candidate).kept);
                }
            }
        }
    }

    #[test]
    fn request_at_the_edge_begins_a_trace_and_links_to_its_caller() {
        let (tracer, pipeline, exporter) = tracer(Box::new(AlwaysOn));
        let tracer = Tracer { parents: ParentPolicy::default().at_edge(), ..tracer };
        let Current::Recording(span) = tracer.begin(&with_parent("/users/7")) else { panic!("not recorded") };
        span.end(Some(200), Outcome::Completed);
        assert!(pipeline.flush(Duration::from_secs(5)).wait().complete);
        let request = &exporter.requests()[0];
        assert_ne!(request.context().trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(request.parent().is_none() && request.trace_state().is_none());
        assert_eq!(request.links(), [Link::new(TraceContext::parse(PARENT).unwrap())]);
        let traceparent = std::str::from_utf8(PARENT).unwrap();
        assert_eq!(request.attributes(), [Attribute::new(UNTRUSTED_CALLER, traceparent)]);
        let Current::NonRecording(hidden) = tracer.begin(&with_parent("/health")) else { panic!("recorded") };
        assert_ne!(hidden.context().trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    }
}
