//! The response's body.

use std::any::type_name;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use opencensus_core::Outcome;
use pin_project_lite::pin_project;

use crate::middleware::exchange::RequestScope;
use crate::middleware::response_end::{self, AnswerHead, Expected};

pin_project! {
    /// Body that ends its request with the last byte: with no more chunks, an error, or as many bytes as
    /// were announced. If it is dropped before, the client went away.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: B,
        scope: RequestScope,
        // Bytes that were announced; more than there can be, if none were.
        length: u64,
    }
}

impl<B: MessageBody> ResponseBody<B> {
    /// Takes the request along, unless it is over with the head.
    pub(super) fn attach(
        mut response: ServiceResponse<B>,
        mut scope: RequestScope,
        expected: Expected,
    ) -> ServiceResponse<Self> {
        if let Some(Ok(trace)) = scope.trace_response().map(|trace| HeaderValue::from_bytes(&trace)) {
            response.headers_mut().insert(HeaderName::from_static("traceresponse"), trace);
        }
        let length = response_end::begin(&mut scope, expected, &Head(response.response()));
        response.map_body(|_, inner| Self { inner, scope, length })
    }
}

pub(super) struct Head<'a, B>(pub(super) &'a HttpResponse<B>);

impl<B: MessageBody> AnswerHead for Head<'_, B> {
    fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        self.0.headers().get(name).map(HeaderValue::as_bytes)
    }

    fn length(&self) -> Option<u64> {
        match self.0.body().size() {
            BodySize::None => Some(0),
            BodySize::Sized(length) => Some(length),
            BodySize::Stream => None,
        }
    }

    fn is_over(&self) -> bool {
        self.0.body().size().is_eof()
    }
}

// `try_into_bytes` stays as it is, which gives none: whoever takes the bytes out would take them past us.
impl<B: MessageBody> MessageBody for ResponseBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.inner.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, B::Error>>> {
        let this = self.project();
        let inner = this.inner;
        let chunk = ready!(this.scope.run(|| inner.poll_next(cx)));
        if this.scope.is_open() {
            match &chunk {
                None => this.scope.end(Outcome::Completed),
                Some(Err(_)) => this.scope.end(Outcome::BodyError(type_name::<B::Error>().into())),
                Some(Ok(bytes)) => {
                    if this.scope.add_sent(bytes.len()) >= *this.length {
                        this.scope.end(Outcome::Completed);
                    }
                }
            }
        }
        Poll::Ready(chunk)
    }
}
