//! The response's body.

use std::any::type_name;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use opencensus_core::Outcome;
use pin_project_lite::pin_project;

use crate::scope::RequestScope;
use crate::tower::grpc;

/// The length of a body that announces none.
const UNKNOWN: u64 = u64::MAX;

const TRACE_RESPONSE: HeaderName = HeaderName::from_static("traceresponse");

pin_project! {
    /// Body that ends its request with the last byte.
    ///
    /// A server stops asking once it has what it needs, so the end is the first of: no more frames,
    /// trailers, an error, the inner body saying that it is over, as many bytes as were announced.
    /// If it is dropped before, the client went away.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: B,
        scope: RequestScope,
        // Bytes that were announced; more than there can be, if none were.
        length: u64,
    }
}

/// The body of an answer that another middleware gives by itself, such as a timeout's: no request
/// ends with it.
impl<B: Default> Default for ResponseBody<B> {
    fn default() -> Self {
        Self { inner: B::default(), scope: RequestScope::default(), length: UNKNOWN }
    }
}

/// What the request's method says about the body of the answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Expected {
    /// Whatever the headers say.
    Any,
    /// None whatever the headers say: HEAD, and CONNECT's tunnel.
    Nothing,
    /// Any, and perhaps the answer to a gRPC call, which is always a POST.
    PerhapsGrpc,
}

impl Expected {
    pub(super) fn of(method: &Method) -> Self {
        match *method {
            Method::HEAD | Method::CONNECT => Self::Nothing,
            Method::POST => Self::PerhapsGrpc,
            _ => Self::Any,
        }
    }
}

impl<B: Body> ResponseBody<B> {
    /// Takes the request along, unless it is over with the head.
    pub(super) fn attach(mut response: Response<B>, mut scope: RequestScope, expected: Expected) -> Response<Self> {
        scope.set_status(response.status().as_u16());
        if scope.options.trace_response {
            tell_trace(&mut response, &mut scope);
        }
        let (mut announced, mut is_grpc) = (None, false);
        if let Some(span) = scope.open_span() {
            is_grpc = expected == Expected::PerhapsGrpc && grpc::is_grpc(response.headers());
            if is_grpc {
                // An answer without a body has no trailers either.
                grpc::tell_status(span, response.headers());
            }
            let length = response.body().size_hint().exact();
            // A stream of events has no length, so others need not be asked for their type.
            let ends_with_head = expected == Expected::Nothing
                || is_bodiless(response.status())
                || length.is_none() && ends_with_head(&response, &scope);
            // The length of a gRPC body is that of its data: the trailers are still to come.
            announced = length.filter(|_| !is_grpc).or_else(|| content_length(&response));
            if ends_with_head && length.is_none() {
                // What is still to come is not waited for, nor counted.
                scope.options.body_sizes = false;
            }
            if ends_with_head || announced == Some(0) || response.body().is_end_stream() {
                scope.end(Outcome::Completed);
            }
        }
        scope.is_grpc = is_grpc;
        response.map(|inner| Self { inner, scope, length: announced.unwrap_or(UNKNOWN) })
    }
}

/// Whether the status says that there is no body; 101 begins a tunnel, whose time says nothing about
/// the service.
fn is_bodiless(status: StatusCode) -> bool {
    status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}

/// Whether the body lives as long as somebody listens, which says nothing about the service either.
fn is_event_stream<B>(response: &Response<B>) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

fn ends_with_head<B>(response: &Response<B>, scope: &RequestScope) -> bool {
    !scope.options.streams_to_the_end && is_event_stream(response)
}

/// `traceresponse`: the same form as `traceparent`, with the request's own span.
fn tell_trace<B>(response: &mut Response<B>, scope: &mut RequestScope) {
    let value = scope.context().and_then(|context| HeaderValue::from_bytes(&context.to_header()).ok());
    if let Some(value) = value {
        response.headers_mut().insert(TRACE_RESPONSE, value);
    }
}

fn content_length<B>(response: &Response<B>) -> Option<u64> {
    response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.scope.run(|| this.inner.as_mut().poll_frame(cx)));
        if this.scope.is_open() {
            match &frame {
                None => this.scope.end(Outcome::Completed),
                Some(Err(_)) => this.scope.end(Outcome::BodyError(type_name::<B::Error>().into())),
                Some(Ok(frame)) => {
                    if let (true, Some(trailers), Some(span)) =
                        (this.scope.is_grpc, frame.trailers_ref(), this.scope.open_span())
                    {
                        grpc::tell_status(span, trailers);
                    }
                    let sent = this.scope.add_sent(frame.data_ref().map_or(0, Buf::remaining));
                    if frame.is_trailers() || sent >= *this.length || this.inner.is_end_stream() {
                        this.scope.end(Outcome::Completed);
                    }
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
