//! Writes the current request's trace into outgoing headers.

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

/// Like [`inject`], for a call that has its own span, and returns the span's context. Send a dependency item with
/// this context: without it the called service's request has a parent that does not exist. `None`: there is no
/// current request.
///
/// # Examples
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// assert_eq!(opencensus::inject_call(&mut headers), None, "there is no current request here");
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

/// Trace id, span id and flags of the thread's current request, whether it is kept or not.
///
/// # Examples
///
/// ```
/// assert!(opencensus::current_context().is_none(), "there is no current request here");
/// ```
#[must_use]
pub fn current_context() -> Option<TraceContext> {
    current::context()
}
