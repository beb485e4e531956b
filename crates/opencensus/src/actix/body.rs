//! The body of a recorded response.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use pin_project_lite::pin_project;

use crate::actix::request_head::Actix;
use crate::middleware::exchange::Exchange;

pin_project! {
    /// Body that ends its request with the last byte: with no more chunks, an error, or as many bytes as the head
    /// announced. A body that is dropped before was aborted: the client went away.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: B,
        exchange: Exchange<Actix>,
    }
}

impl<B: MessageBody> ResponseBody<B> {
    /// Moves the exchange into the body.
    #[inline(always)]
    pub(super) fn attach(mut response: ServiceResponse<B>, exchange: &mut Exchange<Actix>) -> ServiceResponse<Self> {
        if let Some(Ok(trace)) = exchange.trace_response().map(|trace| HeaderValue::from_bytes(&trace)) {
            response.headers_mut().insert(HeaderName::from_static("traceresponse"), trace);
        }
        response.map_body(|_, inner| Self { inner, exchange: exchange.take() })
    }
}

// `try_into_bytes` keeps its default, which returns no bytes: those would bypass the exchange.
impl<B: MessageBody<Error: 'static>> MessageBody for ResponseBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.inner.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, B::Error>>> {
        let this = self.project();
        let inner = this.inner;
        if !this.exchange.is_watched() {
            let entered = this.exchange.enter();
            let polled = inner.poll_next(cx);
            entered.exit();
            return polled;
        }
        let polled = this.exchange.run_watched(|| inner.poll_next(cx));
        match &polled {
            Poll::Pending => {}
            Poll::Ready(None) => this.exchange.on_last_data(),
            Poll::Ready(Some(Err(error))) => this.exchange.on_body_error(error),
            Poll::Ready(Some(Ok(bytes))) => {
                if let Some(call) = this.exchange.grpc_call() {
                    call.read_data(bytes);
                }
                this.exchange.on_data(bytes.len(), || false);
            }
        }
        polled
    }
}
