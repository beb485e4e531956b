//! The span of OpenTelemetry's SDK that this thread is in, below a request.

use opencensus_core::{Current, TraceContext};
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;

use crate::span_context::trace_context;

/// The span of OpenTelemetry's current context, if it is a recorded span below this request. Its id is the parent of an
/// outgoing call.
///
/// # Examples
///
/// ```
/// use opencensus_core::current;
///
/// let parent = current::get().map(|request| {
///     opencensus_opentelemetry::active_span(&request).unwrap_or_else(|| request.innermost_context())
/// });
/// assert!(parent.is_none(), "no request is being handled here");
/// ```
#[must_use]
pub fn active_span(request: &Current) -> Option<TraceContext> {
    let of_request = request.context();
    let context = Context::current();
    let span = context.span();
    let active = trace_context(span.span_context());
    let is_below = active.trace_id() == of_request.trace_id() && active.span_id() != of_request.span_id();
    // A span that is not recorded must not be a parent: nothing reports it.
    let is_recorded =
        is_below && !span.span_context().is_remote() && (active.flags().is_sampled() || span.is_recording());
    // The request's flags: those of a span below a request that may be kept at its end are not sampled, like the request's.
    is_recorded.then(|| TraceContext::new(active.trace_id(), active.span_id(), of_request.flags()))
}
