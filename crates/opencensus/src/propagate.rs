//! The trace on its way to other services.

use http::{HeaderMap, HeaderName, HeaderValue};
use opencensus_core::{TraceContext, current};

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Adds the current request's `traceparent` and `tracestate` to the headers of an outgoing call, in
/// place of any that are there. Outside a request it does nothing.
///
/// Right for blacklisted and unsampled requests too: they hand their trace on as not sampled.
///
/// # Examples
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// opencensus::inject(&mut headers);
/// assert!(headers.is_empty(), "no request is being handled here");
/// ```
pub fn inject(headers: &mut HeaderMap) {
    let Some(current) = current::get() else { return };
    if let Ok(value) = HeaderValue::from_bytes(&current.context().to_header()) {
        headers.insert(&TRACEPARENT, value);
    }
    match current.trace_state_header().and_then(|state| HeaderValue::try_from(state).ok()) {
        Some(value) => headers.insert(&TRACESTATE, value),
        None => headers.remove(&TRACESTATE),
    };
}

/// Trace id, span id and flags of the request that is being handled, kept or not.
#[must_use]
pub fn current_context() -> Option<TraceContext> {
    current::context()
}
