//! The response's body.

use std::any::type_name;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::{HeaderName, HeaderValue, Response};
use http_body::{Body, Frame, SizeHint};
use opencensus_core::Outcome;
use pin_project_lite::pin_project;

use crate::middleware::exchange::RequestScope;
use crate::middleware::response_end::{self, AnswerHead, Expected, UNKNOWN};

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

impl<B: Body> ResponseBody<B> {
    /// Takes the request along, unless it is over with the head.
    pub(super) fn attach(mut response: Response<B>, mut scope: RequestScope, expected: Expected) -> Response<Self> {
        if let Some(Ok(trace)) = scope.trace_response().map(|trace| HeaderValue::from_bytes(&trace)) {
            response.headers_mut().insert(TRACE_RESPONSE, trace);
        }
        let length = response_end::begin(&mut scope, expected, &Head(&response));
        response.map(|inner| Self { inner, scope, length })
    }
}

pub(super) struct Head<'a, B>(pub(super) &'a Response<B>);

impl<B: Body> AnswerHead for Head<'_, B> {
    fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        self.0.headers().get(name).map(HeaderValue::as_bytes)
    }

    fn length(&self) -> Option<u64> {
        self.0.body().size_hint().exact()
    }

    fn is_over(&self) -> bool {
        self.0.body().is_end_stream()
    }
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
                        response_end::tell_grpc_status(span, |name| trailers.get(name).map(HeaderValue::as_bytes));
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
