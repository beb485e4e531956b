//! Decides where a response ends, whatever framework sends it.

use std::error::Error;
use std::sync::Arc;

use crate::middleware::header_index::Headers;

/// The length of a body that announces none.
pub(crate) const UNKNOWN_LENGTH: u64 = u64::MAX;

/// The head of a response of any framework.
pub(crate) trait ResponseHead {
    /// The status.
    fn status(&self) -> u16;

    /// The first line of a header.
    fn header(&self, name: &str) -> Option<&[u8]>;

    /// All headers.
    fn headers(&self) -> impl Headers<'_>;

    /// The exact length of the body in bytes, if the body knows it.
    fn length(&self) -> Option<u64>;

    /// Whether the body knows that it has no more data.
    fn is_over(&self) -> bool;

    /// The error of a gRPC handler. Default: the framework does not hand it over.
    fn grpc_error(&self) -> Option<Arc<dyn Error + Send + Sync>> {
        None
    }
}

/// The body that a request's method implies for the response.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum ExpectedBody {
    /// The response's head decides.
    #[default]
    Any,
    /// The response has no body, whatever its headers state: HEAD, and CONNECT's tunnel.
    None,
    /// The response's head decides, and it may belong to a gRPC call: those are always POST.
    MaybeGrpc,
}

impl ExpectedBody {
    #[inline]
    pub(crate) fn of(method: &str) -> Self {
        match method {
            "HEAD" | "CONNECT" => Self::None,
            "POST" => Self::MaybeGrpc,
            _ => Self::Any,
        }
    }
}

/// Where a response ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ResponseEnd {
    /// The request ends with the response's head.
    pub(crate) is_with_head: bool,
    /// The body goes on after the request's end: its bytes are not counted.
    pub(crate) is_cut_off: bool,
    /// The body's bytes after which the request ends; [`UNKNOWN_LENGTH`] if nothing announces them.
    pub(crate) length: u64,
}

impl ResponseEnd {
    /// The end of the response with this head. Event streams end with their head, unless
    /// `streams_to_the_end`.
    #[inline]
    pub(crate) fn of(
        head: &impl ResponseHead,
        expected: ExpectedBody,
        is_grpc: bool,
        streams_to_the_end: bool,
    ) -> Self {
        let length = head.length();
        // An event stream has no length, so the type of other bodies need not be looked up.
        let is_endless = length.is_none() && !streams_to_the_end && is_event_stream(head);
        let is_without_body = expected == ExpectedBody::None || is_bodiless(head.status()) || is_endless;
        // The length of a gRPC body is that of its data: the trailers follow.
        let announced = length.filter(|_| !is_grpc).or_else(|| content_length(head));
        Self {
            is_with_head: is_without_body || announced == Some(0) || head.is_over(),
            is_cut_off: is_without_body && length.is_none(),
            length: announced.unwrap_or(UNKNOWN_LENGTH),
        }
    }
}

/// Whether the status rules out a body. 101 begins a tunnel, whose duration is not the service's.
fn is_bodiless(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 304)
}

/// Whether the response is an event stream. It lasts as long as its client listens, which is not the service's
/// duration either.
fn is_event_stream(head: &impl ResponseHead) -> bool {
    head.header("content-type").is_some_and(|kind| kind.starts_with(b"text/event-stream"))
}

/// The length of the body that is sent, in bytes, if the body or the head announces it. A response to HEAD has none,
/// though its head announces the length of the response to GET.
pub(crate) fn announced_length(head: &impl ResponseHead, expected: ExpectedBody) -> Option<u64> {
    if expected == ExpectedBody::None || is_bodiless(head.status()) {
        return Some(0);
    }
    head.length().or_else(|| content_length(head))
}

fn content_length(head: &impl ResponseHead) -> Option<u64> {
    std::str::from_utf8(head.header("content-length")?).ok()?.parse().ok()
}
