//! A request as an OpenTelemetry `Context`.

use std::sync::Arc;

use opencensus_core::{Baggage, NonRecordingRequest, RequestSpan, TraceContext, TraceState};
use opentelemetry::Context;
use opentelemetry::baggage::{BaggageExt, KeyValueMetadata};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState as OtelTraceState};

use crate::writable_span::WritableSpan;

/// The current context with this request as its span: children made with any tracer link to it,
/// and what is written to `Context::current().span()` is written to the request. Ending that span
/// does nothing; the middleware ends it.
///
/// Its `tracestate` tells the rate at which the request is kept, if that is below 1. Where everything is
/// kept the caller's is handed on as it is: OpenTelemetry's list costs several allocations, which
/// most requests need not pay. `opencensus::inject` always tells it. The caller's baggage is the context's.
#[must_use]
pub fn kept_context(span: &Arc<RequestSpan>) -> Context {
    let context = with_state(span.context(), state_of(&span.context_members()), false);
    with_baggage(Context::current_with_span(WritableSpan::new(Arc::clone(span), context)), span.baggage())
}

/// The current context with a remote parent that is not sampled: the trace goes on, and children
/// are not recorded by parent-based samplers.
#[must_use]
pub fn non_recording_context(passing: &NonRecordingRequest) -> Context {
    let context = span_context(passing.context(), passing.outgoing_context().trace_state(), true);
    with_baggage(Context::current().with_remote_span_context(context), passing.outgoing_context().baggage())
}

/// The caller's baggage, for OpenTelemetry's own propagator. Most requests have none.
fn with_baggage(context: Context, baggage: Option<&Baggage>) -> Context {
    let Some(baggage) = baggage else { return context };
    context.with_baggage(baggage.members().map(|member| {
        KeyValueMetadata::new(member.key.to_owned(), member.value.clone().into_owned(), member.metadata().to_owned())
    }))
}

pub(crate) fn span_context(context: TraceContext, state: Option<&TraceState>, is_remote: bool) -> SpanContext {
    let members = state.and_then(|state| state.members().ok()).unwrap_or_default();
    with_state(context, state_of(&members), is_remote)
}

fn with_state(context: TraceContext, state: OtelTraceState, is_remote: bool) -> SpanContext {
    SpanContext::new(
        TraceId::from_bytes(context.trace_id().to_bytes()),
        SpanId::from_bytes(context.span_id().to_bytes()),
        TraceFlags::new(context.flags().bits()),
        is_remote,
        state,
    )
}

/// Members that OpenTelemetry's stricter grammar refuses are left out.
fn state_of<V: AsRef<str>>(members: &[(&str, V)]) -> OtelTraceState {
    if members.is_empty() {
        return OtelTraceState::default();
    }
    let pairs = || members.iter().map(|(key, value)| (*key, value.as_ref()));
    OtelTraceState::from_key_value(pairs()).unwrap_or_else(|_| {
        let accepted = pairs().filter(|pair| OtelTraceState::from_key_value([*pair]).is_ok());
        OtelTraceState::from_key_value(accepted).unwrap_or_default()
    })
}
