//! The future of a recorded response.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use crate::handler::{Failure, FailureInfo, Suspicion};
use crate::middleware::exchange::Exchange;
use crate::tower::ResponseBody;
use crate::tower::request_head::Tower;
use crate::tower::response_head::HttpResponseHead;

pin_project! {
    /// Future returned by [`OpenCensusService`](crate::tower::OpenCensusService).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        // If it is dropped with the future, the request was cancelled.
        exchange: Exchange<Tower>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, exchange: Exchange<Tower>) -> Self {
        Self { inner, exchange }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    E: 'static,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let inner = this.inner;
        let result = ready!(this.exchange.run(|| inner.poll(cx)));
        let mut exchange = std::mem::take(this.exchange);
        Poll::Ready(match result {
            Ok(response) => {
                if exchange.examines(response.status().as_u16()) {
                    let extensions = response.extensions();
                    let failure = FailureInfo::new(extensions.get::<Failure>(), extensions.get::<Suspicion>());
                    exchange.observe_response(&HttpResponseHead(&response), failure);
                }
                Ok(ResponseBody::attach(response, exchange))
            }
            Err(error) => {
                exchange.on_error(&error);
                Err(error)
            }
        })
    }
}
