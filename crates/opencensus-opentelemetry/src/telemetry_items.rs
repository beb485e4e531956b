//! Converts finished spans of OpenTelemetry to telemetry items.

use std::sync::Arc;
use std::time::Duration;

use opencensus_core::{
    Attribute, Current, Link, Origin, Resource, SamplingRate, SpanId, SpanKind, SpanRecord, SpanStatus, TelemetryItem,
    TraceState, Value,
};
use opentelemetry::trace::{SpanId as OtelSpanId, SpanKind as OtelSpanKind, Status, TraceState as OtelTraceState};
use opentelemetry_sdk::trace::SpanData;

use crate::attribute::from_key_value;
use crate::sampling_rate::{RATE_KEYS, from_percent, from_trace_state};
use crate::span_context::{span_id, trace_context};

/// Converts a finished span to telemetry items: the span first, then its events. `resource`: the process that recorded it, if
/// that is not the exporter's own.
pub(crate) fn telemetry_items(span: SpanData, resource: Option<&Arc<Resource>>) -> Vec<TelemetryItem> {
    let context = trace_context(&span.span_context);
    let mut record = SpanRecord::new(context, kind(&span.span_kind), span.name);
    record.parent =
        (span.parent_span_id != OtelSpanId::INVALID).then(|| SpanId::from_bytes(span.parent_span_id.to_bytes()));
    record.start = span.start_time;
    record.duration = span.end_time.duration_since(span.start_time).unwrap_or(Duration::ZERO);
    record.status = status(span.status);
    record.attributes = span.attributes.into_iter().map(from_key_value).collect();
    record.links = span.links.links.into_iter().map(link).collect();
    record.rate = Some(rate(&record.attributes, span.span_context.trace_state()));
    record.resource = resource.map(Arc::clone);
    let events = span.events.events;
    let mut items = Vec::with_capacity(1 + events.len());
    // Most spans have no events, and so need no copy of their name.
    let origin = if events.is_empty() { Origin::at(record.start) } else { origin(&record) };
    items.push(record.into());
    items.extend(events.into_iter().map(|event| {
        let mut origin = origin.clone();
        origin.time = event.timestamp;
        TelemetryItem::from_event(origin, event.name, event.attributes.into_iter().map(from_key_value).collect())
    }));
    items
}

/// Converts a finished span below a request. A server's span right below it is of another middleware that handles the same
/// request: it becomes an operation of the process, so that the request is counted once.
pub(crate) fn items_below(
    request: &Current,
    mut span: SpanData,
    resource: Option<&Arc<Resource>>,
) -> Vec<TelemetryItem> {
    if span.span_kind == OtelSpanKind::Server && span_id(span.parent_span_id) == request.context().span_id() {
        span.span_kind = OtelSpanKind::Internal;
    }
    telemetry_items(span, resource)
}

fn origin(span: &SpanRecord) -> Origin {
    let mut origin = Origin::at(span.start);
    origin.context = Some(span.context);
    origin.rate = span.rate;
    origin.resource.clone_from(&span.resource);
    // Only the span of a request names the operation; spans below it do not know the name.
    origin.operation = matches!(span.kind, SpanKind::Server | SpanKind::Consumer).then(|| span.name.clone());
    origin
}

/// The recorded sampling rate. A span without one, or with an invalid one, counts once.
fn rate(attributes: &[Attribute], trace_state: &OtelTraceState) -> SamplingRate {
    let attribute = attributes.iter().find(|attribute| RATE_KEYS.contains(&&*attribute.key));
    let recorded = attribute.and_then(|attribute| match attribute.value {
        Value::F64(percent) => from_percent(percent),
        Value::I64(percent) => from_percent(percent as f64),
        _ => None,
    });
    let of_state = || {
        let state = format!("ot={}", trace_state.get("ot")?);
        from_trace_state(&TraceState::from_lines(std::iter::once(state.as_bytes()))?)
    };
    recorded.or_else(of_state).filter(|rate| *rate != SamplingRate::NONE).unwrap_or(SamplingRate::ALL)
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
    let attributes = link.attributes.into_iter().map(from_key_value).collect();
    Link::new(trace_context(&link.span_context)).with_attributes(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(attributes: &[Attribute], state: &str) -> f64 {
        rate(attributes, &state.parse().unwrap_or_default()).percent()
    }

    #[test]
    fn rate_comes_from_the_attribute_else_from_tracestate_else_is_1() {
        let attribute = |key: &'static str, value: f64| [Attribute::new(key, value)];
        assert_eq!(percent(&attribute("_MS.sampleRate", 25.0), "ot=th:8"), 25.0);
        assert_eq!(percent(&attribute("microsoft.sample_rate", 0.1), ""), 0.1);
        assert_eq!(percent(&[Attribute::new("_MS.sampleRate", 20)], ""), 20.0);
        assert_eq!(percent(&[], "a=1,ot=th:8"), 50.0);
        for invalid in [0.0, -1.0, f64::NAN, 1e9] {
            assert_eq!(percent(&attribute("_MS.sampleRate", invalid), ""), 100.0, "{invalid}");
        }
        assert_eq!(percent(&[Attribute::new("_MS.sampleRate", "all")], "no list"), 100.0);
    }
}
