//! The outcome of a gRPC call, which HTTP answers with 200 whatever it is.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use opencensus_core::{Attribute, RequestSpan, SpanStatus};

/// OpenTelemetry's attribute (RPC conventions for gRPC).
const STATUS_CODE: &str = "rpc.grpc.status_code";

/// Codes that are the server's fault: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE,
/// DATA_LOSS (OpenTelemetry's RPC conventions).
const SERVER_ERRORS: [u8; 6] = [2, 4, 12, 13, 14, 15];

/// Whether the answer is one to a gRPC call.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
}

/// Tells the status that trailers carry, or the head of an answer without a body.
pub(super) fn tell_status(span: &RequestSpan, headers: &HeaderMap) {
    let Some(code) = headers.get("grpc-status").and_then(|code| code.to_str().ok()?.parse::<u8>().ok()) else { return };
    span.set_attribute(Attribute::new(STATUS_CODE, i64::from(code)));
    if SERVER_ERRORS.contains(&code) {
        let message = headers.get("grpc-message").map(|message| String::from_utf8_lossy(message.as_bytes()));
        span.set_span_status(SpanStatus::Error(message.unwrap_or_default().into_owned().into()));
    }
}
