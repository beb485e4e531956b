//! Writes a request's trace into the headers of outgoing calls.

use http::header::{AsHeaderName, IntoHeaderName};
use http::{HeaderMap, HeaderName, HeaderValue};
use opencensus_core::{Baggage, Current, TraceContext, current};

static BAGGAGE: HeaderName = HeaderName::from_static("baggage");
static TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
static TRACE_STATE: HeaderName = HeaderName::from_static("tracestate");

/// Writes the current request's trace into the headers of a call to `authority` (`host` or `host:port`), and removes
/// whatever the headers have of the same formats: `traceparent` and `tracestate`, or the headers of the settings'
/// propagators. Adds the caller's `baggage`, unless the headers have a `baggage` already. If the settings blacklist the
/// host ([`blacklist_hostnames`](crate::settings::TraceSettings::blacklist_hostnames)), the headers stay as they are.
///
/// Blacklisted and unsampled requests continue their trace as not sampled. The called service's request is a child of
/// the innermost span: a [`DependencySpan`](crate::DependencySpan) that is entered, otherwise one of OpenTelemetry's SDK
/// if it is recorded, such as the client span of a call, otherwise the request. The call itself is not recorded:
/// [`ClientLayer`](crate::ClientLayer) and [`Telemetry::call`](crate::Telemetry::call) inject and record.
///
/// The request is the one that this thread is handling. In a spawned task, a thread or `spawn_blocking` there is none,
/// and nothing is written: run it [in the request](crate::in_request), or move a
/// [`RequestTelemetry`](crate::RequestTelemetry) there and call [its `inject`](crate::RequestTelemetry::inject).
///
/// # Examples
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// opencensus::inject("stock.example:8080", &mut headers);
/// assert!(headers.is_empty(), "there is no current request here");
/// ```
pub fn inject(authority: &str, headers: &mut HeaderMap) {
    if let Some(current) = current::get() {
        write(authority, headers, &current, parent_of_call(&current));
    }
}

/// Like [`inject`], for a call that has its own span, and returns the span's context. `None`: there is no current
/// request.
///
/// [`Telemetry::call`](crate::Telemetry::call) does the same and records the call at its end. Otherwise record it with
/// [`Telemetry::track`](crate::Telemetry::track), as a [`SpanRecord`](crate::core::SpanRecord) with this context:
/// else the request of the called service has a parent that does not exist.
///
/// # Examples
///
/// ```
/// use opencensus::core::{SpanKind, SpanRecord};
/// use opencensus::{RequestTelemetry, Telemetry};
/// use std::time::Instant;
///
/// fn stock(telemetry: &Telemetry) {
///     let (mut headers, started) = (http::HeaderMap::new(), Instant::now());
///     let context = opencensus::inject_call("stock.example", &mut headers);
///     // … send the call with these headers …
///     if let Some(context) = context {
///         let mut call = SpanRecord::new(context, SpanKind::Client, "GET stock");
///         call.parent = RequestTelemetry::current().context().map(|request| request.span_id());
///         call.duration = started.elapsed();
///         telemetry.track(call);
///     }
/// }
/// ```
pub fn inject_call(authority: &str, headers: &mut HeaderMap) -> Option<TraceContext> {
    Some(write_call(authority, headers, &current::get()?))
}

/// The span that makes a call: the innermost one of the thread, otherwise that of OpenTelemetry's current context, otherwise the
/// request.
pub(crate) fn parent_of_call(request: &Current) -> TraceContext {
    let innermost = request.innermost_context();
    #[cfg(feature = "opentelemetry")]
    if innermost == request.context()
        && let Some(span) = opencensus_opentelemetry::active_span(request)
    {
        return span;
    }
    innermost
}

/// Writes a new span's context, and returns it.
pub(crate) fn write_call(authority: &str, headers: &mut HeaderMap, request: &Current) -> TraceContext {
    let call = request.child_context();
    write(authority, headers, request, call);
    call
}

pub(crate) fn write(authority: &str, headers: &mut HeaderMap, request: &Current, from: TraceContext) {
    if !request.propagates_to(authority) {
        return;
    }
    write_headers(headers, |visit| request.visit_outgoing_headers(from, visit), request.baggage());
}

/// Writes the propagation headers of a call.
pub(super) fn write_headers(
    headers: &mut HeaderMap,
    propagated: impl FnOnce(&mut dyn FnMut(&'static str, Option<String>)),
    baggage: Option<&Baggage>,
) {
    propagated(&mut |name, value| match name {
        "traceparent" => write_header(headers, &TRACE_PARENT, value),
        "tracestate" => write_header(headers, &TRACE_STATE, value),
        name => write_header(headers, HeaderName::from_static(name), value),
    });
    if let Some(baggage) = baggage
        && !headers.contains_key(&BAGGAGE)
        && let Some(value) = baggage.to_header()
        && let Ok(value) = HeaderValue::try_from(value)
    {
        headers.insert(&BAGGAGE, value);
    }
}

fn write_header(headers: &mut HeaderMap, name: impl IntoHeaderName + AsHeaderName, value: Option<String>) {
    match value.and_then(|value| HeaderValue::try_from(value).ok()) {
        Some(value) => headers.insert(name, value),
        None => headers.remove(name),
    };
}
