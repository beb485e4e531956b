//! Responses of actix-web as the middleware reads them.

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::HeaderValue;

use crate::middleware::header_index::Headers;
use crate::middleware::response_end::ResponseHead;

/// An [`HttpResponse`], borrowed.
pub(super) struct ActixResponseHead<'a, B>(pub(super) &'a HttpResponse<B>);

impl<B: MessageBody> ResponseHead for ActixResponseHead<'_, B> {
    fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        self.0.headers().get(name).map(HeaderValue::as_bytes)
    }

    fn headers(&self) -> impl Headers<'_> {
        self.0.headers()
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

/// The status of an error that actix-web turns into a response.
pub(super) struct ErrorHead(pub(super) u16);

impl ResponseHead for ErrorHead {
    fn status(&self) -> u16 {
        self.0
    }

    fn header(&self, _: &str) -> Option<&[u8]> {
        None
    }

    fn headers(&self) -> impl Headers<'_> {
        NoHeaders
    }

    fn length(&self) -> Option<u64> {
        None
    }

    fn is_over(&self) -> bool {
        false
    }
}

#[derive(Clone, Copy)]
struct NoHeaders;

impl<'a> Headers<'a> for NoHeaders {
    fn len(self) -> usize {
        0
    }

    fn for_each(self, _: impl FnMut(&'a str, &'a [u8])) {}

    fn lines(self, _: &str) -> impl Iterator<Item = &'a [u8]> {
        std::iter::empty()
    }
}
