//! A request as an OpenTelemetry `Context`.

use std::sync::Arc;

use opencensus_core::{Passing, RequestSpan, TraceContext, TraceState};
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState as OtelTraceState};

use crate::span::WritableSpan;

/// The current context with this request as its span: children made with any tracer link to it,
/// and what is written to `Context::current().span()` is written to the request. Ending that span
/// does nothing; the middleware ends it.
///
/// Its `tracestate` tells the rate at which the request is kept, if that is below 1. Where everything is
/// kept the caller's is handed on as it is: OpenTelemetry's list costs several allocations, which
/// most requests need not pay. `opencensus::inject` always tells it.
#[must_use]
pub fn kept_context(span: &Arc<RequestSpan>) -> Context {
    let context = span_context(span.context(), span.brief_trace_state().as_ref(), false);
    Context::current_with_span(WritableSpan::new(Arc::clone(span), context))
}

/// The current context with a remote parent that is not sampled: the trace goes on, and children
/// are not recorded by parent-based samplers.
#[must_use]
pub fn passing_context(passing: &Passing) -> Context {
    let context = span_context(passing.context, passing.state.as_ref(), true);
    Context::current().with_remote_span_context(context)
}

pub(crate) fn span_context(context: TraceContext, state: Option<&TraceState>, is_remote: bool) -> SpanContext {
    SpanContext::new(
        TraceId::from_bytes(context.trace_id().to_bytes()),
        SpanId::from_bytes(context.span_id().to_bytes()),
        TraceFlags::new(context.flags().bits()),
        is_remote,
        trace_state(state),
    )
}

/// Members that OpenTelemetry's stricter grammar refuses are left out.
fn trace_state(state: Option<&TraceState>) -> OtelTraceState {
    let Some(header) = state.and_then(TraceState::to_header) else { return OtelTraceState::default() };
    header.parse().unwrap_or_else(|_| {
        let accepted = header.split(',').filter(|member| member.parse::<OtelTraceState>().is_ok());
        accepted.collect::<Vec<_>>().join(",").parse().unwrap_or_default()
    })
}
