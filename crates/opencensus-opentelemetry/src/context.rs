//! A request as the span of an OpenTelemetry `Context`.

use std::sync::Arc;

use opencensus_core::{Baggage, Current, NonRecordingRequest, RequestSpan, SamplingRate};
use opentelemetry::Context;
use opentelemetry::baggage::{BaggageExt, KeyValueMetadata};
use opentelemetry::trace::{TraceContextExt, TraceState};

use crate::rate_state::rate_state;
use crate::span_context::{otel_trace_state, span_context, span_context_with_state};
use crate::traced_requests;
use crate::writable_span::WritableSpan;

/// Extends [`Context`] with requests, as [`TraceContextExt`] does with spans. The middleware of the crate
/// `opencensus` calls these methods for every request.
///
/// # Examples
///
/// ```
/// use opencensus_opentelemetry::RequestContextExt as _;
/// use opentelemetry::Context;
/// use opentelemetry::trace::TraceContextExt as _;
/// # use std::sync::Arc;
/// # use opencensus_core::NonRecordingRequest;
///
/// fn handle(request: &Arc<NonRecordingRequest>) {
///     let context = Context::current_with_non_recording_request(request);
///     let _attached = context.attach();
///     // Spans of any tracer continue the trace of the request.
///     assert!(Context::current().has_active_span());
/// }
/// ```
pub trait RequestContextExt: sealed::Sealed {
    /// The current context with a sampled request as its span. Spans of any tracer become its children,
    /// and writes to `Context::current().span()` go to the request. Ending that span has no effect: the
    /// middleware ends the request.
    ///
    /// The span's `tracestate` contains the sampling rate if that is below 1 or contradicts the caller's
    /// `tracestate`. In other cases no rate is added, because that costs several allocations;
    /// `opencensus::inject` always writes the rate. The context also carries the caller's baggage.
    #[must_use]
    fn current_with_request(span: &Arc<RequestSpan>) -> Context;

    /// The current context with a request that is not sampled, as a remote parent. The trace continues,
    /// and parent-based samplers do not record its children.
    ///
    /// Call [`Current::ensure_trace_id`] before. Without it, the context has other ids than the request's log lines and
    /// outgoing calls.
    #[must_use]
    fn current_with_non_recording_request(request: &Arc<NonRecordingRequest>) -> Context;
}

impl RequestContextExt for Context {
    #[inline]
    fn current_with_request(span: &Arc<RequestSpan>) -> Context {
        traced_requests::add(|| Current::Recording(Arc::clone(span)));
        let context = span_context_with_state(span.context(), request_state(span), false);
        with_baggage(Context::current_with_span(WritableSpan::new(Arc::clone(span), context)), span.baggage())
    }

    #[inline]
    fn current_with_non_recording_request(request: &Arc<NonRecordingRequest>) -> Context {
        traced_requests::add(|| Current::NonRecording(Arc::clone(request)));
        let outgoing = request.outgoing_context();
        let context = span_context(request.context(), outgoing.trace_state(), true);
        let context = Context::map_current(|current| current.with_remote_span_context(context));
        with_baggage(context, outgoing.baggage())
    }
}

/// The `tracestate` of a request. Most have no caller that sends one.
#[inline]
fn request_state(span: &RequestSpan) -> TraceState {
    let rate = span.rate().filter(|_| span.context().flags().is_sampled());
    match (span.trace_state(), rate) {
        (None, None | Some(SamplingRate::ALL)) => TraceState::NONE,
        (None, Some(rate)) => rate_state(rate),
        (Some(_), _) => otel_trace_state(&span.trace_state_members()),
    }
}

/// Adds the caller's baggage for OpenTelemetry's propagator. Most requests have none.
#[inline]
fn with_baggage(context: Context, baggage: Option<&Baggage>) -> Context {
    match baggage {
        None => context,
        Some(baggage) => add_baggage(&context, baggage),
    }
}

#[cold]
fn add_baggage(context: &Context, baggage: &Baggage) -> Context {
    context.with_baggage(baggage.members().map(|member| {
        KeyValueMetadata::new(member.key.to_owned(), member.value.clone().into_owned(), member.metadata().to_owned())
    }))
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for opentelemetry::Context {}
}
