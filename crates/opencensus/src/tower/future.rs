//! The response's future.

use std::any::type_name;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use opencensus_core::Outcome;
use pin_project_lite::pin_project;

use crate::handler::Suspicion;
use crate::handler::{Failure, Told};
use crate::middleware::exchange::RequestScope;
use crate::middleware::observation::Asked;
use crate::middleware::response_end::{self, Expected};
use crate::tower::ResponseBody;
use crate::tower::body::Head;
use crate::tower::request_head::Target;

pin_project! {
    /// Future returned by [`OpenCensusService`](crate::OpenCensusService).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        // Still here on drop: the client went away, and the scope says so.
        scope: RequestScope,
        asked: Option<Box<Asked<Target>>>,
        expected: Expected,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, scope: RequestScope, asked: Option<Box<Asked<Target>>>, expected: Expected) -> Self {
        Self { inner, scope, asked, expected }
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
        let result = ready!(Asked::run(this.asked, this.scope, || inner.poll(cx)));
        let mut scope = std::mem::take(this.scope);
        Poll::Ready(match result {
            // The body takes the scope along and ends the request with its last byte.
            Ok(response) => {
                if let Some(asked) = this.asked.take() {
                    let extensions = response.extensions();
                    let told = Told::new(extensions.get::<Failure>(), extensions.get::<Suspicion>());
                    let length = response_end::announced(&Head(&response));
                    asked.answered(response.status().as_u16(), length, told, response.headers(), &mut scope);
                }
                Ok(ResponseBody::attach(response, scope, *this.expected))
            }
            Err(error) => {
                if let Some(asked) = this.asked.take() {
                    asked.failed(type_name::<E>(), &mut scope);
                }
                // Nothing is asked of the error: it need not be printable.
                scope.end(Outcome::ServiceError(type_name::<E>().into()));
                Err(error)
            }
        })
    }
}
