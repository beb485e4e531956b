//! When an answer is over, whichever framework gives it.

use opencensus_core::{Attribute, Outcome, RequestSpan, SpanStatus};

use crate::middleware::exchange::RequestScope;

/// The length of a body that announces none.
pub(crate) const UNKNOWN: u64 = u64::MAX;

/// The head of an answer, as every front end sees it.
pub(crate) trait AnswerHead {
    /// The status.
    fn status(&self) -> u16;

    /// A header's first line.
    fn header(&self, name: &str) -> Option<&[u8]>;

    /// The exact length of the body, if it knows it.
    fn length(&self) -> Option<u64>;

    /// Whether the body says that nothing comes.
    fn is_over(&self) -> bool;
}

/// What the request's method says about the body of the answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Expected {
    /// Whatever the headers say.
    Any,
    /// None whatever the headers say: HEAD, and CONNECT's tunnel.
    Nothing,
    /// Any, and perhaps the answer to a gRPC call, which is always a POST.
    PerhapsGrpc,
}

impl Expected {
    #[inline]
    pub(crate) fn of(method: &str) -> Self {
        match method {
            "HEAD" | "CONNECT" => Self::Nothing,
            "POST" => Self::PerhapsGrpc,
            _ => Self::Any,
        }
    }
}

/// The answer's head is there. Ends the request if it is over with the head, and gives the length after
/// which it is over, if not.
#[inline]
pub(crate) fn begin(scope: &mut RequestScope, expected: Expected, head: &impl AnswerHead) -> u64 {
    scope.set_status(head.status());
    let Some(span) = scope.open_span() else { return UNKNOWN };
    let is_grpc = expected == Expected::PerhapsGrpc && is_grpc(head);
    if is_grpc {
        // An answer without a body has no trailers either.
        tell_grpc_status(span, |name| head.header(name));
    }
    scope.is_grpc = is_grpc;
    let length = head.length();
    // A stream of events has no length, so others need not be asked for their type.
    let is_endless = length.is_none() && !scope.options.streams_to_the_end && is_event_stream(head);
    let ends_with_head = expected == Expected::Nothing || is_bodiless(head.status()) || is_endless;
    // The length of a gRPC body is that of its data: the trailers are still to come.
    let announced = length.filter(|_| !is_grpc).or_else(|| content_length(head));
    if ends_with_head && length.is_none() {
        // What is still to come is not waited for, nor counted.
        scope.options.body_sizes = false;
    }
    if ends_with_head || announced == Some(0) || head.is_over() {
        scope.end(Outcome::Completed);
    }
    announced.unwrap_or(UNKNOWN)
}

/// Whether the status says that there is no body; 101 begins a tunnel, whose time says nothing about
/// the service.
fn is_bodiless(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 304)
}

/// Whether the body lives as long as somebody listens, which says nothing about the service either.
fn is_event_stream(head: &impl AnswerHead) -> bool {
    head.header("content-type").is_some_and(|kind| kind.starts_with(b"text/event-stream"))
}

/// The length of the body, if anything announces it.
pub(crate) fn announced(head: &impl AnswerHead) -> Option<u64> {
    head.length().or_else(|| content_length(head))
}

fn content_length(head: &impl AnswerHead) -> Option<u64> {
    std::str::from_utf8(head.header("content-length")?).ok()?.parse().ok()
}

/// OpenTelemetry's attribute (RPC conventions for gRPC).
const GRPC_STATUS_CODE: &str = "rpc.grpc.status_code";

/// Codes that are the server's fault: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE,
/// DATA_LOSS (OpenTelemetry's RPC conventions).
const GRPC_SERVER_ERRORS: [u8; 6] = [2, 4, 12, 13, 14, 15];

/// Whether the answer is one to a gRPC call, which HTTP answers with 200 whatever its outcome is.
fn is_grpc(head: &impl AnswerHead) -> bool {
    head.header("content-type").is_some_and(|kind| kind.starts_with(b"application/grpc"))
}

/// Tells the status that trailers carry, or the head of an answer without a body.
pub(crate) fn tell_grpc_status<'a>(span: &RequestSpan, header: impl Fn(&'static str) -> Option<&'a [u8]>) {
    let code = header("grpc-status").and_then(|code| std::str::from_utf8(code).ok()?.parse::<u8>().ok());
    let Some(code) = code else { return };
    span.set_attribute(Attribute::new(GRPC_STATUS_CODE, i64::from(code)));
    if GRPC_SERVER_ERRORS.contains(&code) {
        let message = header("grpc-message").map(String::from_utf8_lossy).unwrap_or_default();
        span.set_span_status(SpanStatus::Error(message.into_owned().into()));
    }
}
