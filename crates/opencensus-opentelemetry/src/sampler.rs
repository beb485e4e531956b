//! Any OpenTelemetry sampler as one of ours.

use opencensus_core::{Candidate, Decision, Sampler, SamplingRate, TraceState};
use opentelemetry::trace::{SpanKind, TraceContextExt, TraceId};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use crate::context::span_context;
use crate::span_data::attribute;

/// Asks an OpenTelemetry sampler about every request outside the blacklist.
///
/// The sampler sees a span of kind server, named `METHOD /route` or by the method alone, the
/// attributes that OpenTelemetry's HTTP conventions want at its start (`http.request.method`,
/// `url.path`, `url.scheme`, `http.route`, as far as they are known), and the caller's context as the
/// remote parent. It decides alone: set [`ParentTrust::Never`](opencensus_core::ParentTrust), so
/// that nothing is decided before it is asked. A decision to record without sampling counts as "not
/// kept".
///
/// What a kept request stands for is taken from the attributes of the decision (`_MS.sampleRate`,
/// `microsoft.sample_rate`: per cent), else from an `ot=th` in its `tracestate` that is not the
/// caller's, else from [`with_rate`](Self::with_rate); else it is unknown. Other attributes of the
/// decision go to the request, other changes of `tracestate` do not.
///
/// # Examples
///
/// ```
/// use opencensus_core::SamplingRate;
/// use opencensus_opentelemetry::OpenTelemetrySampler;
/// use opentelemetry_sdk::trace::Sampler;
///
/// // OpenTelemetry's ratio sampler does not tell its ratio.
/// let sampler =
///     OpenTelemetrySampler::new(Sampler::TraceIdRatioBased(0.25)).with_rate(SamplingRate::try_from(0.25)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct OpenTelemetrySampler<S> {
    sampler: S,
    rate: Option<SamplingRate>,
}

/// Attributes in which Microsoft's samplers tell their rate, in per cent.
const RATE_KEYS: [&str; 2] = ["_MS.sampleRate", "microsoft.sample_rate"];

impl<S: ShouldSample + 'static> OpenTelemetrySampler<S> {
    /// Asks this sampler.
    pub fn new(sampler: S) -> Self {
        Self { sampler, rate: None }
    }

    /// The rate of decisions that tell none: for samplers that look at nothing but the trace id, such
    /// as OpenTelemetry's ratio. One that follows its caller has no such rate; leave it to
    /// [`ParentTrust`](opencensus_core::ParentTrust) to follow callers.
    #[must_use]
    pub fn with_rate(mut self, rate: SamplingRate) -> Self {
        self.rate = Some(rate);
        self
    }

    fn ask(&self, candidate: &Candidate<'_>) -> SamplingResult {
        let parent = candidate.parent.map(|parent| {
            Context::new().with_remote_span_context(span_context(parent.context, parent.state.as_ref(), true))
        });
        let trace_id = TraceId::from_bytes(candidate.trace_id.to_bytes());
        let attributes = attributes(candidate);
        self.sampler.should_sample(parent.as_ref(), trace_id, &name(candidate), &SpanKind::Server, &attributes, &[])
    }

    fn rate_of(&self, result: &SamplingResult, candidate: &Candidate<'_>) -> Option<SamplingRate> {
        let told = result.attributes.iter().find(|pair| RATE_KEYS.contains(&pair.key.as_str()));
        if let Some(rate) = told.and_then(|pair| percent(&pair.value)) {
            return Some(rate);
        }
        let state = TraceState::from_lines([result.trace_state.header().as_bytes()].into_iter());
        let of_sampler = state.as_ref().and_then(threshold);
        let of_caller = candidate.parent.and_then(|parent| parent.state.as_ref()).and_then(threshold);
        of_sampler.filter(|_| of_sampler != of_caller).or(self.rate)
    }
}

impl<S: ShouldSample + 'static> Sampler for OpenTelemetrySampler<S> {
    fn decide(&self, candidate: &Candidate<'_>) -> Decision {
        let result = self.ask(candidate);
        let kept = result.decision == SamplingDecision::RecordAndSample;
        let rate = self.rate_of(&result, candidate);
        let mut decision = Decision::at_unknown_rate(kept);
        decision.rate = rate;
        let others = result.attributes.into_iter().filter(|pair| !RATE_KEYS.contains(&pair.key.as_str()));
        decision.attributes = others.map(attribute).collect();
        decision
    }
}

fn name(candidate: &Candidate<'_>) -> String {
    let method = candidate.head.method();
    candidate.head.route().map_or_else(|| method.to_owned(), |route| format!("{method} {route}"))
}

fn attributes(candidate: &Candidate<'_>) -> Vec<KeyValue> {
    let head = candidate.head;
    let mut attributes = vec![
        KeyValue::new("http.request.method", head.method().to_owned()),
        KeyValue::new("url.path", head.path().to_owned()),
    ];
    attributes.extend(head.scheme().map(|scheme| KeyValue::new("url.scheme", scheme.to_owned())));
    attributes.extend(head.route().map(|route| KeyValue::new("http.route", route.to_owned())));
    attributes
}

fn percent(value: &Value) -> Option<SamplingRate> {
    let percent = match value {
        Value::F64(percent) => *percent,
        Value::I64(percent) => *percent as f64,
        Value::String(text) => text.as_str().parse().ok()?,
        _ => return None,
    };
    SamplingRate::try_from(percent / 100.0).ok()
}

fn threshold(state: &TraceState) -> Option<SamplingRate> {
    SamplingRate::try_from(state.head_probability()?).ok()
}
