//! An [`http::Response`] as the middleware reads it.

use http::{HeaderValue, Response};
use http_body::Body;

use crate::middleware::header_index::Headers;
use crate::middleware::response_end::ResponseHead;

/// An [`http::Response`], borrowed.
pub(crate) struct HttpResponseHead<'a, B>(pub(crate) &'a Response<B>);

impl<B: Body> ResponseHead for HttpResponseHead<'_, B> {
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
        self.0.body().size_hint().exact()
    }

    fn is_over(&self) -> bool {
        self.0.body().is_end_stream()
    }

    #[cfg(feature = "tonic")]
    fn grpc_error(&self) -> Option<std::sync::Arc<dyn std::error::Error + Send + Sync>> {
        let status = self.0.extensions().get::<tonic::Status>()?;
        Some(std::sync::Arc::new(status.clone()))
    }
}
