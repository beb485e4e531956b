//! The response's future.

use std::any::type_name;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use opencensus_core::Outcome;
use pin_project_lite::pin_project;

use crate::scope::RequestScope;
use crate::tower::ResponseBody;

pin_project! {
    /// Future returned by [`OpenCensusService`](crate::OpenCensusService).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        // Still here on drop: the client went away, and the scope says so.
        scope: RequestScope,
        // The answer has no body whatever its headers say: HEAD, and CONNECT's tunnel.
        bodiless: bool,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, scope: RequestScope, bodiless: bool) -> Self {
        Self { inner, scope, bodiless }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let inner = this.inner;
        let result = ready!(this.scope.enter(|| inner.poll(cx)));
        let mut scope = std::mem::take(this.scope);
        Poll::Ready(match result {
            // The body takes the scope along and ends the request with its last byte.
            Ok(response) => Ok(ResponseBody::attach(response, scope, *this.bodiless)),
            Err(error) => {
                // Nothing is asked of the error: it need not be printable.
                scope.end(Outcome::ServiceError(type_name::<E>().into()));
                Err(error)
            }
        })
    }
}
