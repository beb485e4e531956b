//! The trace on its way to other services.

use http::{HeaderMap, HeaderName, HeaderValue};
use opencensus_core::{Baggage, TraceContext, current};

static BAGGAGE: HeaderName = HeaderName::from_static("baggage");

/// Adds the current request's trace to the headers of an outgoing call, in place of any that is there:
/// `traceparent` and `tracestate`, or what the settings' propagators are. The caller's `baggage` goes
/// along, unless the headers have some already. Outside a request it does nothing.
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
    for (name, value) in current.outgoing_headers() {
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

/// Trace id, span id and flags of the request that is being handled, kept or not.
#[must_use]
pub fn current_context() -> Option<TraceContext> {
    current::context()
}
