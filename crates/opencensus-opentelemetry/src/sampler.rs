//! An OpenTelemetry sampler as a sampler of the middleware.

use opencensus_core::{Candidate, Decision, Sampler, SamplingRate, TraceState};
use opentelemetry::trace::{SpanKind, TraceContextExt, TraceId};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use crate::attribute::from_key_value;
use crate::sampling_rate::{RATE_KEYS, from_percent, from_trace_state};
use crate::span_context::span_context;

/// A sampler that lets an OpenTelemetry sampler decide on every request that is not blacklisted.
///
/// The OpenTelemetry sampler receives a span of kind server with the name `METHOD /route` or `METHOD`,
/// the attributes that the HTTP conventions require at the start of a span (`http.request.method`,
/// `url.path`, `url.scheme`, `http.route`, as far as they are known), and the caller's context as its
/// remote parent. Set [`ParentTrust::Never`](opencensus_core::ParentTrust) to let it decide on requests
/// of sampled callers too. The decision "record only" counts as not sampled.
///
/// The sampling rate of the decision is that of its attribute `_MS.sampleRate` or
/// `microsoft.sample_rate` (in per cent), else that of `ot=th` in its `tracestate` if it differs from the
/// caller's, else that of [`with_rate`](Self::with_rate), else unknown. The other attributes of the
/// decision are added to the request; its other changes of `tracestate` are ignored.
///
/// # Examples
///
/// ```
/// use opencensus_core::SamplingRate;
/// use opencensus_opentelemetry::OpenTelemetrySampler;
/// use opentelemetry_sdk::trace::Sampler;
///
/// // The decisions of OpenTelemetry's ratio sampler do not contain its ratio.
/// let sampler =
///     OpenTelemetrySampler::new(Sampler::TraceIdRatioBased(0.25)).with_rate(SamplingRate::try_from(0.25)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct OpenTelemetrySampler<S> {
    sampler: S,
    rate: Option<SamplingRate>,
}

impl<S: ShouldSample + 'static> OpenTelemetrySampler<S> {
    /// Wraps an OpenTelemetry sampler.
    pub fn new(sampler: S) -> Self {
        Self { sampler, rate: None }
    }

    /// Sets the rate of decisions that contain none: for samplers that decide by the trace id alone, such
    /// as OpenTelemetry's ratio sampler. A parent-based sampler has no such rate; use
    /// [`ParentTrust`](opencensus_core::ParentTrust) instead.
    #[must_use]
    pub fn with_rate(mut self, rate: SamplingRate) -> Self {
        self.rate = Some(rate);
        self
    }

    fn should_sample(&self, candidate: &Candidate<'_>) -> SamplingResult {
        let parent = candidate.parent.map(|parent| {
            Context::new().with_remote_span_context(span_context(parent.context, parent.state.as_ref(), true))
        });
        let trace_id = TraceId::from_bytes(candidate.trace_id.to_bytes());
        let attributes = attributes(candidate);
        self.sampler.should_sample(parent.as_ref(), trace_id, &name(candidate), &SpanKind::Server, &attributes, &[])
    }

    fn rate_of(&self, result: &SamplingResult, candidate: &Candidate<'_>) -> Option<SamplingRate> {
        let attribute = result.attributes.iter().find(|pair| RATE_KEYS.contains(&pair.key.as_str()));
        if let Some(rate) = attribute.and_then(|pair| rate_of_percentage(&pair.value)) {
            return Some(rate);
        }
        let state = TraceState::from_lines([result.trace_state.header().as_bytes()].into_iter());
        let of_sampler = state.as_ref().and_then(from_trace_state);
        let of_caller = candidate.parent.and_then(|parent| parent.state.as_ref()).and_then(from_trace_state);
        of_sampler.filter(|_| of_sampler != of_caller).or(self.rate)
    }
}

impl<S: ShouldSample + 'static> Sampler for OpenTelemetrySampler<S> {
    fn decide(&self, candidate: &Candidate<'_>) -> Decision {
        let result = self.should_sample(candidate);
        let kept = result.decision == SamplingDecision::RecordAndSample;
        let rate = self.rate_of(&result, candidate);
        let mut decision = Decision::at_unknown_rate(kept);
        decision.rate = rate;
        let others = result.attributes.into_iter().filter(|pair| !RATE_KEYS.contains(&pair.key.as_str()));
        decision.attributes = others.map(from_key_value).collect();
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

fn rate_of_percentage(value: &Value) -> Option<SamplingRate> {
    let percent = match value {
        Value::F64(percent) => *percent,
        Value::I64(percent) => *percent as f64,
        Value::String(text) => text.as_str().parse().ok()?,
        _ => return None,
    };
    from_percent(percent)
}
