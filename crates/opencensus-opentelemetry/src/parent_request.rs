//! Finds the request that a span of OpenTelemetry's SDK begins under.

use opencensus_core::{Current, current};
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt as _};

use crate::request_spans::REQUEST_SPANS;
use crate::span_context::{span_id, trace_id};
use crate::writable_span::request_of;

/// The request above a span that begins in this context: its parent is the request's own span, or a span below it that this
/// process records.
pub(crate) fn parent_request(context: &Context) -> Option<Current> {
    let span = context.span();
    let parent = span.span_context();
    if !parent.is_valid() {
        return None;
    }
    request_around(context, parent)
}

/// The request that the span of this context is, or that it is below.
fn request_around(context: &Context, span: &SpanContext) -> Option<Current> {
    let of_thread = current::get().filter(|request| request.context().trace_id() == trace_id(span.trace_id()));
    if let Some(request) = of_thread.as_ref().filter(|request| request.context().span_id() == span_id(span.span_id())) {
        return Some(request.clone());
    }
    if let Some(request) = REQUEST_SPANS.request_of(span.span_id()) {
        return Some(request);
    }
    // In a task that another thread runs, or a request inside of a request.
    if let Some(request) = Some(context).filter(|_| !span.is_remote()).and_then(request_of) {
        return Some(Current::Recording(request));
    }
    // An unknown span of the trace. One that is not sampled is not recorded, so that its children would have no parent.
    of_thread.filter(|_| span.is_remote() || span.is_sampled())
}
