//! Decides whether a call outside of a request is recorded.

use crate::propagation::{Caller, TraceContext};
use crate::request::NoRequest;
use crate::sampler::Candidate;
use crate::span::{DependencyOwner, DependencySpan, RootDependency};
use crate::telemetry::SpanRecord;
use crate::telemetry::request::Sampling;
use crate::tracer::Tracer;

impl Tracer {
    /// Begins a call outside of a request, as the first span of a trace, if the sampler keeps the trace. `make` gets
    /// the context of the new span; it is not called for a call that is not recorded. Rates by path or route do not
    /// apply, and nothing is kept because it fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_core::{AlwaysOn, InMemoryExporter, ParentPolicy, PathFilter, Pipeline, PipelineLimits, Tracer};
    /// use opencensus_core::{SpanKind, SpanRecord};
    ///
    /// let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None)?;
    /// let tracer = Tracer::new(PathFilter::default(), Box::new(AlwaysOn), ParentPolicy::default(), &pipeline);
    /// let call = tracer.begin_dependency(|context| SpanRecord::new(context, SpanKind::Client, "nightly import"));
    /// assert!(call.is_recorded());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn begin_dependency(&self, make: impl FnOnce(TraceContext) -> SpanRecord) -> DependencySpan {
        let root = TraceContext::root();
        let decision = self.parents.decide(&*self.sampler, &Candidate::new(root.trace_id(), None, &NoRequest));
        let outgoing_context = self.outgoing_context(None);
        if !decision.kept {
            self.queue.counters().items_sampled_out.increment();
            let dropped = self.begin_dropped(root, Caller::Unknown, outgoing_context, &decision);
            return DependencySpan::unrecorded(dropped);
        }
        let context = TraceContext::new(root.trace_id(), root.span_id(), root.flags().with_sampled(true));
        let mut record = make(context);
        record.attributes.extend(decision.attributes);
        let sampling = Sampling { rate: decision.rate, rule: decision.rule };
        let owner = RootDependency::new(sampling, outgoing_context, self.refs.of_thread());
        DependencySpan::recorded(DependencyOwner::Root(owner), record)
    }

    /// Whether calls to a host, with its port if it has one, receive the trace, and are recorded.
    #[must_use]
    pub fn propagates_to(&self, authority: &str) -> bool {
        !self.hosts.as_ref().is_some_and(|hosts| hosts.matches("", None, Some(authority), ""))
    }
}
