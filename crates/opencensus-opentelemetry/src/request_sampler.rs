//! The sampler of a provider whose spans follow their requests.

use std::fmt;
use std::sync::Arc;

use opencensus_core::{Candidate, NoRequest, Sampler, SamplingRate};
use opentelemetry::trace::{Link, SpanKind, TraceContextExt as _, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use crate::parent_request::parent_request;
use crate::rate_state::rate_state;
use crate::span_context;

/// A sampler for OpenTelemetry's SDK whose spans follow their parents:
///
/// | parent | decision |
/// | --- | --- |
/// | a request that is kept, or a span below it | recorded and sampled |
/// | a request that may be kept at its end (`keep_failures`, `keep_slower_than`) | recorded, and not sampled: processors of other exporters ignore the span |
/// | a request that is not kept | dropped |
/// | another span | as its parent |
/// | none | as the sampler of root spans decides; a rate below 1 is recorded as `ot=th` in `tracestate` |
///
/// [`tracer_provider`](crate::tracer_provider) uses it.
///
/// # Examples
///
/// ```
/// use opencensus_core::{ProbabilitySampler, SamplingRate};
/// use opencensus_opentelemetry::RequestSampler;
/// use opentelemetry_sdk::trace::SdkTracerProvider;
///
/// let roots = ProbabilitySampler::new(SamplingRate::try_from(0.25)?);
/// let provider = SdkTracerProvider::builder().with_sampler(RequestSampler::new(roots)).build();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RequestSampler {
    roots: Arc<dyn Sampler>,
}

impl RequestSampler {
    /// Creates a sampler that decides on root spans with `roots`. Its candidates have a trace id and no parts of a request.
    #[must_use]
    pub fn new(roots: impl Sampler) -> Self {
        Self { roots: Arc::new(roots) }
    }

    fn decide_root(&self, trace_id: TraceId) -> SamplingResult {
        let decision = self.roots.decide(&Candidate::new(span_context::trace_id(trace_id), None, &NoRequest));
        let rate = decision.rate.filter(|rate| decision.kept && *rate != SamplingRate::ALL);
        SamplingResult {
            decision: if decision.kept { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop },
            attributes: Vec::new(),
            trace_state: rate.map(rate_state).unwrap_or_default(),
        }
    }
}

impl ShouldSample for RequestSampler {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let Some(context) = parent.filter(|context| context.span().span_context().is_valid()) else {
            return self.decide_root(trace_id);
        };
        let span = context.span();
        let parent = span.span_context();
        let decision = match parent_request(context) {
            Some(request) if request.drops_items() => SamplingDecision::Drop,
            _ if parent.is_sampled() => SamplingDecision::RecordAndSample,
            // Its end decides.
            Some(request) if !request.context().flags().is_sampled() => SamplingDecision::RecordOnly,
            _ => SamplingDecision::Drop,
        };
        SamplingResult { decision, attributes: Vec::new(), trace_state: parent.trace_state().clone() }
    }
}

impl fmt::Debug for RequestSampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestSampler").field("roots", &self.roots).finish()
    }
}
