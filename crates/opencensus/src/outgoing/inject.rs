//! Writes the current request's trace into the headers of outgoing calls.

use http::{HeaderMap, HeaderName, HeaderValue};
use opencensus_core::{Baggage, Current, TraceContext, current};

static BAGGAGE: HeaderName = HeaderName::from_static("baggage");

/// Writes the current request's trace into the headers of an outgoing call, and replaces any that is there:
/// `traceparent` and `tracestate`, or the headers of the settings' propagators. Adds the caller's
/// `baggage`, unless the headers have a `baggage` already. Without a current request it does nothing.
///
/// Blacklisted and unsampled requests continue their trace as not sampled.
///
/// # Examples
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// opencensus::inject(&mut headers);
/// assert!(headers.is_empty(), "there is no current request here");
/// ```
pub fn inject(headers: &mut HeaderMap) {
    if let Some(current) = current::get() {
        write(headers, &current, current.context());
    }
}

/// Like [`inject`], for a call that has its own span, and returns the span's context. `None`: there is no current
/// request.
///
/// Record the call with [`Telemetry::track`](crate::Telemetry::track), as a [`SpanRecord`](crate::core::SpanRecord)
/// with this context. Otherwise the request of the called service has a parent that does not exist.
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
///     let context = opencensus::inject_call(&mut headers);
///     // … send the call with these headers …
///     if let Some(context) = context {
///         let mut call = SpanRecord::new(context, SpanKind::Client, "GET stock");
///         call.parent = RequestTelemetry::current().context().map(|request| request.span_id());
///         call.duration = started.elapsed();
///         telemetry.track(call);
///     }
/// }
/// ```
pub fn inject_call(headers: &mut HeaderMap) -> Option<TraceContext> {
    let current = current::get()?;
    let call = current.child_context();
    write(headers, &current, call);
    Some(call)
}

fn write(headers: &mut HeaderMap, current: &Current, from: TraceContext) {
    for (name, value) in current.outgoing_headers(from) {
        let name = HeaderName::from_static(name);
        match value.and_then(|value| HeaderValue::try_from(value).ok()) {
            Some(value) => headers.insert(name, value),
            None => headers.remove(name),
        };
    }
    if !headers.contains_key(&BAGGAGE)
        && let Some(value) = current.baggage().and_then(Baggage::to_header)
        && let Ok(value) = HeaderValue::try_from(value)
    {
        headers.insert(&BAGGAGE, value);
    }
}
