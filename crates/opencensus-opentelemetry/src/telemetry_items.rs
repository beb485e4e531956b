//! OpenTelemetry's finished spans as items of our pipeline.

use std::sync::Arc;
use std::time::Duration;

use opencensus_core::{
    Attribute, Link, Origin, Resource, SamplingRate, SpanId, SpanKind, SpanRecord, SpanStatus, TelemetryItem,
    TraceState, Value,
};
use opentelemetry::trace::{SpanId as OtelSpanId, SpanKind as OtelSpanKind, Status};
use opentelemetry_sdk::trace::SpanData;

use crate::span_data::{attribute, trace_context};

/// The attributes in which Microsoft's samplers tell their rate, in per cent.
const RATES: [&str; 2] = ["_MS.sampleRate", "microsoft.sample_rate"];

/// A finished span and what happened during it: one item each, the span first.
///
/// The rate is what Microsoft's samplers tell in an attribute, else what `ot=th` in the span's own
/// `tracestate` tells, else everything.
#[must_use]
pub fn telemetry(span: SpanData, resource: &Arc<Resource>) -> Vec<TelemetryItem> {
    let context = trace_context(&span.span_context);
    let mut record = SpanRecord::new(context, kind(&span.span_kind), span.name);
    record.parent =
        (span.parent_span_id != OtelSpanId::INVALID).then(|| SpanId::from_bytes(span.parent_span_id.to_bytes()));
    record.start = span.start_time;
    record.duration = span.end_time.duration_since(span.start_time).unwrap_or(Duration::ZERO);
    record.status = status(span.status);
    record.attributes = span.attributes.into_iter().map(attribute).collect();
    record.links = span.links.links.into_iter().map(link).collect();
    record.rate = Some(rate(&record.attributes, span.span_context.trace_state().header().as_bytes()));
    record.resource = Some(Arc::clone(resource));
    let origin = origin(&record);
    let events = span.events.events.into_iter();
    let events: Vec<_> = events
        .map(|event| {
            let mut origin = origin.clone();
            origin.time = event.timestamp;
            TelemetryItem::of_event(origin, event.name, event.attributes.into_iter().map(attribute).collect())
        })
        .collect();
    std::iter::once(record.into()).chain(events).collect()
}

fn origin(span: &SpanRecord) -> Origin {
    let mut origin = Origin::at(span.start);
    origin.context = Some(span.context);
    origin.rate = span.rate;
    origin.resource.clone_from(&span.resource);
    // The operation of a request is known by itself; what is below it does not know its name.
    origin.operation = matches!(span.kind, SpanKind::Server | SpanKind::Consumer).then(|| span.name.clone());
    origin
}

fn rate(attributes: &[Attribute], trace_state: &[u8]) -> SamplingRate {
    let told = attributes.iter().find(|attribute| RATES.contains(&&*attribute.key));
    let told = told.and_then(|attribute| match attribute.value {
        Value::F64(percent) => SamplingRate::try_from(percent / 100.0).ok(),
        Value::I64(percent) => SamplingRate::try_from(percent as f64 / 100.0).ok(),
        _ => None,
    });
    let of_state = || {
        let probability = TraceState::from_lines(std::iter::once(trace_state))?.head_probability()?;
        SamplingRate::try_from(probability).ok()
    };
    told.or_else(of_state).filter(|rate| *rate != SamplingRate::NONE).unwrap_or(SamplingRate::ALL)
}

fn kind(kind: &OtelSpanKind) -> SpanKind {
    match kind {
        OtelSpanKind::Server => SpanKind::Server,
        OtelSpanKind::Client => SpanKind::Client,
        OtelSpanKind::Producer => SpanKind::Producer,
        OtelSpanKind::Consumer => SpanKind::Consumer,
        OtelSpanKind::Internal => SpanKind::Internal,
    }
}

fn status(status: Status) -> SpanStatus {
    match status {
        Status::Unset => SpanStatus::Unset,
        Status::Ok => SpanStatus::Ok,
        Status::Error { description } => SpanStatus::Error(description),
    }
}

fn link(link: opentelemetry::trace::Link) -> Link {
    Link {
        context: trace_context(&link.span_context),
        attributes: link.attributes.into_iter().map(attribute).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(attributes: &[Attribute], state: &str) -> f64 {
        rate(attributes, state.as_bytes()).percent()
    }

    #[test]
    fn rate_is_that_of_the_attribute_else_of_the_tracestate_else_everything() {
        let told = |key: &'static str, value: f64| [Attribute::new(key, value)];
        assert_eq!(percent(&told("_MS.sampleRate", 25.0), "ot=th:8"), 25.0);
        assert_eq!(percent(&told("microsoft.sample_rate", 0.1), ""), 0.1);
        assert_eq!(percent(&[Attribute::new("_MS.sampleRate", 20)], ""), 20.0);
        assert_eq!(percent(&[], "a=1,ot=th:8"), 50.0);
        for nonsense in [0.0, -1.0, f64::NAN, 1e9] {
            assert_eq!(percent(&told("_MS.sampleRate", nonsense), ""), 100.0, "{nonsense}");
        }
        assert_eq!(percent(&[Attribute::new("_MS.sampleRate", "all")], "no list"), 100.0);
    }
}
