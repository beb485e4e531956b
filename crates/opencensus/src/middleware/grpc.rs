//! Records the status of a gRPC call, whose HTTP status is 200 whatever its outcome.

use opencensus_core::{Attribute, RequestSpan, SpanStatus};

/// OpenTelemetry's attribute (RPC conventions for gRPC).
const GRPC_STATUS_CODE: &str = "rpc.grpc.status_code";

/// Codes that are the server's fault: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE,
/// DATA_LOSS (OpenTelemetry's RPC conventions).
const SERVER_ERRORS: [u8; 6] = [2, 4, 12, 13, 14, 15];

/// Whether a response with this `content-type` belongs to a gRPC call.
pub(crate) fn is_grpc(content_type: Option<&[u8]>) -> bool {
    content_type.is_some_and(|kind| kind.starts_with(b"application/grpc"))
}

/// Records the call's status from trailers, or from the head of a response without a body.
pub(crate) fn record_status<'a>(span: &RequestSpan, header: impl Fn(&'static str) -> Option<&'a [u8]>) {
    let code = header("grpc-status").and_then(|code| std::str::from_utf8(code).ok()?.parse::<u8>().ok());
    let Some(code) = code else { return };
    span.set_attribute(Attribute::new(GRPC_STATUS_CODE, i64::from(code)));
    if SERVER_ERRORS.contains(&code) {
        let message = header("grpc-message").map(String::from_utf8_lossy).unwrap_or_default();
        span.set_span_status(SpanStatus::Error(message.into_owned().into()));
    }
}
