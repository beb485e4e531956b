//! The headers that permit a page of another origin to send telemetry.

use axum::http::HeaderMap;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    HeaderName, HeaderValue, VARY,
};

use crate::ingest::Endpoint;

/// Chromium requires it before a page of a public address may send to a loopback address.
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");
const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");

/// The headers that pages may send besides those that begin with `x-ms-`.
const SAFE_HEADERS: [&str; 13] = [
    "accept",
    "authorization",
    "baggage",
    "cache-control",
    "content-encoding",
    "content-type",
    "request-context",
    "request-id",
    "sdk-context",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-requested-with",
];

/// Adds the headers of every response to an origin. Beacons of the SDK for browsers have credentials.
pub(crate) fn add_headers(response: &mut HeaderMap, origin: HeaderValue) {
    response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    response.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    response
        .insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Request-Context, Request-Id, Retry-After"));
    response.append(VARY, HeaderValue::from_static("origin"));
}

/// Adds the headers of the response to a preflight request with these headers.
pub(crate) fn add_preflight_headers(response: &mut HeaderMap, request: &HeaderMap, endpoint: Endpoint<'_>) {
    let methods = if matches!(endpoint, Endpoint::Profile(_)) { "GET" } else { "POST" };
    response.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    response.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response.append(VARY, HeaderValue::from_static("access-control-request-headers"));
    if let Ok(allowed) = HeaderValue::try_from(allowed_headers(request)) {
        response.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    if request.get(&REQUEST_PRIVATE_NETWORK).is_some_and(|value| value == "true") {
        response.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
    }
}

/// The requested headers that are safe.
fn allowed_headers(request: &HeaderMap) -> String {
    let values = request.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter().filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase());
    names.filter(|name| is_safe(name)).collect::<Vec<_>>().join(", ")
}

fn is_safe(name: &str) -> bool {
    SAFE_HEADERS.contains(&name) || name.starts_with("x-ms-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preflight(headers: &[(HeaderName, &'static str)], endpoint: Endpoint<'_>) -> HeaderMap {
        let pairs = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let mut response = HeaderMap::new();
        add_preflight_headers(&mut response, &pairs.collect(), endpoint);
        response
    }

    #[test]
    fn requested_headers_are_allowed_if_they_are_safe() {
        let requested = "Content-Type,traceparent, x-ms-client-request-id, cookie, x-evil";
        let response = preflight(&[(ACCESS_CONTROL_REQUEST_HEADERS, requested)], Endpoint::Track);
        assert_eq!(response[ACCESS_CONTROL_ALLOW_HEADERS], "content-type, traceparent, x-ms-client-request-id");
        assert_eq!(preflight(&[], Endpoint::Track)[ACCESS_CONTROL_ALLOW_HEADERS], "");
    }

    #[test]
    fn method_is_that_of_the_endpoint() {
        for (endpoint, method) in
            [(Endpoint::Track, "POST"), (Endpoint::OpenTelemetry, "POST"), (Endpoint::Profile("k"), "GET")]
        {
            assert_eq!(preflight(&[], endpoint)[ACCESS_CONTROL_ALLOW_METHODS], method);
        }
    }

    #[test]
    fn private_network_is_allowed_on_request() {
        let response = preflight(&[(REQUEST_PRIVATE_NETWORK, "true")], Endpoint::Track);
        assert_eq!(response[ALLOW_PRIVATE_NETWORK], "true");
        assert!(!preflight(&[], Endpoint::Track).contains_key(ALLOW_PRIVATE_NETWORK));
    }
}
