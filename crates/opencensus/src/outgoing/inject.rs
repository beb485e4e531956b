//! The trace on its way to other services.

use http::{HeaderMap, HeaderName, HeaderValue};
use opencensus_core::{Baggage, Current, TraceContext, current};

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
    if let Some(current) = current::get() {
        write(headers, &current, current.context());
    }
}

/// [`inject`], for a call that is a span of its own, whose context comes back: report it as a
/// dependency, else the called service's row has a parent that nobody knows. `None`: outside a request.
///
/// # Examples
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// assert_eq!(opencensus::inject_call(&mut headers), None, "no request is being handled here");
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

/// Trace id, span id and flags of the request that is being handled, kept or not.
#[must_use]
pub fn current_context() -> Option<TraceContext> {
    current::context()
}
