//! Converts trace contexts and `tracestate` in both directions.

use opencensus_core::{SpanId, TraceContext, TraceFlags, TraceId, TraceState};
use opentelemetry::trace::{
    SpanContext, SpanId as OtelSpanId, TraceFlags as OtelTraceFlags, TraceId as OtelTraceId,
    TraceState as OtelTraceState,
};

/// Converts a trace context and its `tracestate` to OpenTelemetry. Most have none.
#[inline]
pub(crate) fn span_context(context: TraceContext, state: Option<&TraceState>, is_remote: bool) -> SpanContext {
    let members = |state: &TraceState| otel_trace_state(&state.members().unwrap_or_default());
    span_context_with_state(context, state.map_or(OtelTraceState::NONE, members), is_remote)
}

/// Converts a trace context to OpenTelemetry, with this `tracestate`.
#[inline]
pub(crate) fn span_context_with_state(context: TraceContext, state: OtelTraceState, is_remote: bool) -> SpanContext {
    SpanContext::new(
        OtelTraceId::from_bytes(context.trace_id().to_bytes()),
        OtelSpanId::from_bytes(context.span_id().to_bytes()),
        OtelTraceFlags::new(context.flags().bits()),
        is_remote,
        state,
    )
}

/// Converts a trace context from OpenTelemetry.
pub(crate) fn trace_context(context: &SpanContext) -> TraceContext {
    TraceContext::new(
        trace_id(context.trace_id()),
        span_id(context.span_id()),
        TraceFlags::from_bits(context.trace_flags().to_u8()),
    )
}

/// Converts a trace id from OpenTelemetry.
pub(crate) fn trace_id(id: OtelTraceId) -> TraceId {
    TraceId::from_bytes(id.to_bytes())
}

/// Converts a span id from OpenTelemetry.
pub(crate) fn span_id(id: OtelSpanId) -> SpanId {
    SpanId::from_bytes(id.to_bytes())
}

/// Converts the members of a `tracestate` to OpenTelemetry. Omits members that are invalid in OpenTelemetry's grammar, which is stricter than W3C's.
pub(crate) fn otel_trace_state<V: AsRef<str>>(members: &[(&str, V)]) -> OtelTraceState {
    if members.is_empty() {
        return OtelTraceState::default();
    }
    let pairs = || members.iter().map(|(key, value)| (*key, value.as_ref()));
    OtelTraceState::from_key_value(pairs()).unwrap_or_else(|_| {
        let accepted = pairs().filter(|pair| OtelTraceState::from_key_value([*pair]).is_ok());
        OtelTraceState::from_key_value(accepted).unwrap_or_default()
    })
}
