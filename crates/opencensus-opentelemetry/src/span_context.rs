//! Converts trace contexts and `tracestate` in both directions.

use opencensus_core::{SpanId, TraceContext, TraceFlags, TraceId, TraceState};
use opentelemetry::trace::{
    SpanContext, SpanId as OtelSpanId, TraceFlags as OtelTraceFlags, TraceId as OtelTraceId,
    TraceState as OtelTraceState,
};

/// Converts a trace context and its `tracestate` to OpenTelemetry.
pub(crate) fn span_context(context: TraceContext, state: Option<&TraceState>, is_remote: bool) -> SpanContext {
    let members = state.and_then(|state| state.members().ok()).unwrap_or_default();
    span_context_with_members(context, &members, is_remote)
}

/// Converts a trace context and the members of its `tracestate` to OpenTelemetry.
pub(crate) fn span_context_with_members<V: AsRef<str>>(
    context: TraceContext,
    members: &[(&str, V)],
    is_remote: bool,
) -> SpanContext {
    SpanContext::new(
        OtelTraceId::from_bytes(context.trace_id().to_bytes()),
        OtelSpanId::from_bytes(context.span_id().to_bytes()),
        OtelTraceFlags::new(context.flags().bits()),
        is_remote,
        trace_state(members),
    )
}

/// Converts a trace context from OpenTelemetry.
pub(crate) fn trace_context(context: &SpanContext) -> TraceContext {
    TraceContext::new(
        TraceId::from_bytes(context.trace_id().to_bytes()),
        SpanId::from_bytes(context.span_id().to_bytes()),
        TraceFlags::from_bits(context.trace_flags().to_u8()),
    )
}

/// Omits members that are invalid in OpenTelemetry's grammar, which is stricter than W3C's.
fn trace_state<V: AsRef<str>>(members: &[(&str, V)]) -> OtelTraceState {
    if members.is_empty() {
        return OtelTraceState::default();
    }
    let pairs = || members.iter().map(|(key, value)| (*key, value.as_ref()));
    OtelTraceState::from_key_value(pairs()).unwrap_or_else(|_| {
        let accepted = pairs().filter(|pair| OtelTraceState::from_key_value([*pair]).is_ok());
        OtelTraceState::from_key_value(accepted).unwrap_or_default()
    })
}
