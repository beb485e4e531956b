//! The responses of faults.

use std::io;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;

use crate::faults::fault::Fault;
use crate::ingest::Endpoint;

const JSON: &str = "application/json; charset=utf-8";
const PROTOBUF: &str = "application/x-protobuf";
/// What is left of a response whose rest is missing.
const MALFORMED: &[u8] = b"{\"itemsReceived\":1,\"itemsAccepted\":";
/// The most bytes of a response that a fault changes.
const MAX_RESPONSE: usize = 16 * 1024 * 1024;

/// The protocol of a path, which decides on the body of errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Protocol {
    ApplicationInsights,
    OtlpJson,
    OtlpProtobuf,
}

impl Protocol {
    /// The protocol of a path that clients send telemetry to.
    pub(super) fn of(path: &str, headers: &HeaderMap) -> Option<Self> {
        let is_json = || headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        match Endpoint::of(path)? {
            Endpoint::Track => Some(Self::ApplicationInsights),
            Endpoint::OpenTelemetry if is_json() => Some(Self::OtlpJson),
            Endpoint::OpenTelemetry => Some(Self::OtlpProtobuf),
            Endpoint::Profile(_) => None,
        }
    }

    /// The body of a response with an error, and its type.
    fn error(self, status: u16) -> (Vec<u8>, &'static str) {
        let message = message(status);
        match self {
            Self::ApplicationInsights => {
                let error = json!({"index": 0, "statusCode": status, "message": message});
                let body = json!({"itemsReceived": 0, "itemsAccepted": 0, "errors": [error]});
                (body.to_string().into_bytes(), JSON)
            }
            Self::OtlpJson => (json!({"code": 14, "message": message}).to_string().into_bytes(), JSON),
            // google.rpc.Status: the code is field 1, the message field 2.
            Self::OtlpProtobuf => {
                let mut body = vec![0x08, 14, 0x12, message.len() as u8];
                body.extend_from_slice(message.as_bytes());
                (body, PROTOBUF)
            }
        }
    }
}

/// A text of fewer than 128 bytes.
fn message(status: u16) -> &'static str {
    match status {
        400 => "Invalid request",
        401 => "Unauthorized",
        402 => "Monthly quota exceeded",
        403 => "Forbidden",
        408 => "Request timeout",
        413 => "Request body is too large",
        429 => "Too many requests",
        439 => "Too many requests over an extended time",
        500 => "Internal server error",
        503 => "Service unavailable",
        _ => "Request failed",
    }
}

/// A response with this status. Redirects have no body.
pub(super) fn status(fault: &Fault, status: u16, protocol: Protocol) -> Response {
    let (body, kind) = match &fault.body {
        Some(body) => (body.clone().into_bytes(), JSON),
        None if status < 400 => (Vec::new(), JSON),
        None => protocol.error(status),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [(CONTENT_TYPE, kind)], body).into_response();
    add_headers(fault, response.headers_mut());
    response
}

/// Adds `Retry-After` and `Location`.
pub(super) fn add_headers(fault: &Fault, headers: &mut HeaderMap) {
    let mut add = |name: HeaderName, value: &Option<String>| {
        if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    };
    add(RETRY_AFTER, &fault.retry_after);
    add(LOCATION, &fault.location);
}

/// A response whose body fails before its head is written: the server closes the connection without a byte.
pub(super) fn dropped() -> Response {
    let body = stream::once(async { Err::<Bytes, _>(io::Error::other("fault: closed connection")) });
    ([(CONTENT_LENGTH, "1")], Body::from_stream(body)).into_response()
}

/// The same head, and half of the body: the server closes the connection after it.
pub(super) async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, MAX_RESPONSE).await.unwrap_or_default();
    let whole = if whole.len() < 2 { Bytes::from_static(b"{}") } else { whole };
    let half = whole.slice(..whole.len() / 2);
    let body = stream::unfold(Some(half), |half| async move {
        let Some(half) = half else {
            // The server writes what it has when the body is pending.
            tokio::task::yield_now().await;
            return Some((Err(io::Error::other("fault: cut response")), None));
        };
        Some((Ok(half), None))
    });
    parts.headers.insert(CONTENT_LENGTH, whole.len().into());
    Response::from_parts(parts, Body::from_stream(body))
}

/// The same head with another body.
pub(super) fn malformed(response: Response) -> Response {
    with_body(response, Bytes::from_static(MALFORMED))
}

/// The same head without a body.
pub(super) fn empty(response: Response) -> Response {
    with_body(response, Bytes::new())
}

fn with_body(response: Response, body: Bytes) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(CONTENT_LENGTH, body.len().into());
    Response::from_parts(parts, body.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_fit_the_length_of_one_byte() {
        assert!((300..600).all(|status| message(status).len() < 128));
    }

    #[test]
    fn protocol_follows_from_path_and_type() {
        let headers = |kind: &'static str| HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        for (path, kind, protocol) in [
            ("//v2.1/track", "", Some(Protocol::ApplicationInsights)),
            ("/proxy/v2/track", "application/json", Some(Protocol::ApplicationInsights)),
            ("/v1/traces", "application/json", Some(Protocol::OtlpJson)),
            ("/v1/logs", "application/x-protobuf", Some(Protocol::OtlpProtobuf)),
            ("/api/v1/faults", "application/json", None),
        ] {
            assert_eq!(Protocol::of(path, &headers(kind)), protocol, "{path}");
        }
    }
}
