//! The body of a recorded response.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http::{HeaderName, HeaderValue, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::middleware::exchange::Exchange;
use crate::middleware::grpc::GrpcCall;
use crate::tower::request_head::Tower;

const TRACE_RESPONSE: HeaderName = HeaderName::from_static("traceresponse");

pin_project! {
    /// Body that ends its request with the last byte.
    ///
    /// A server stops polling once it has what it needs, so the end is the first of: no more frames,
    /// trailers, an error, an inner body that reports its end, as many bytes as the head announced. A body
    /// that is dropped before was aborted: the client went away.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: B,
        exchange: Exchange<Tower>,
    }
}

/// The body of a response that another middleware makes by itself, such as a timeout's: no request
/// ends with it.
impl<B: Default> Default for ResponseBody<B> {
    fn default() -> Self {
        Self { inner: B::default(), exchange: Exchange::default() }
    }
}

impl<B: Body> ResponseBody<B> {
    /// Moves the exchange into the body.
    #[inline(always)]
    pub(super) fn attach(mut response: Response<B>, exchange: &mut Exchange<Tower>) -> Response<Self> {
        if let Some(Ok(trace)) = exchange.trace_response().map(|trace| HeaderValue::from_bytes(&trace)) {
            response.headers_mut().insert(TRACE_RESPONSE, trace);
        }
        response.map(|inner| Self { inner, exchange: exchange.take() })
    }
}

impl<B: Body<Error: 'static>> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        if !this.exchange.is_watched() {
            let entered = this.exchange.enter();
            let polled = this.inner.poll_frame(cx);
            entered.exit();
            return polled;
        }
        let polled = this.exchange.run_watched(|| this.inner.as_mut().poll_frame(cx));
        match &polled {
            Poll::Pending => {}
            Poll::Ready(None) => this.exchange.on_last_data(),
            Poll::Ready(Some(Err(error))) => this.exchange.on_body_error(error),
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(call) = this.exchange.grpc_call() {
                    read_call(call, frame);
                }
                let length = frame.data_ref().map_or(0, Buf::remaining);
                this.exchange.on_data(length, || frame.is_trailers() || this.inner.is_end_stream());
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Reads a call's status from the trailers, or from the data of gRPC-Web.
#[cold]
fn read_call<D: Buf>(call: &mut GrpcCall, frame: &Frame<D>) {
    if let Some(trailers) = frame.trailers_ref() {
        call.read_status(|name| trailers.get(name).map(HeaderValue::as_bytes));
    } else if let Some(data) = frame.data_ref().filter(|_| call.needs_data()) {
        call.read_data(data.chunk());
    }
}
