//! The future of a recorded response.

use std::pin::Pin;
use std::task::{Context, Poll};

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
        // Empty once the future is ready. If it is dropped with the future before, the request was cancelled.
        exchange: Exchange<Tower>,
    }
}

impl<F> ResponseFuture<F> {
    #[inline(always)]
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
        let (inner, exchange) = (this.inner, this.exchange);
        // The result is read where it is, and moved once: a copy of a response costs fifteen instructions.
        if !exchange.is_watched() {
            let entered = exchange.enter();
            let result = inner.poll(cx);
            entered.exit();
            if let Poll::Ready(Err(_)) = &result {
                // The caller may keep the future.
                drop(exchange.take());
            }
            return result.map_ok(|response| {
                exchange.on_status(response.status().as_u16());
                ResponseBody::attach(response, exchange)
            });
        }
        let result = exchange.run_watched(|| inner.poll(cx));
        match &result {
            Poll::Ready(Ok(response)) => exchange.read(|exchange| on_response(exchange, response)),
            Poll::Ready(Err(error)) => exchange.read(|exchange| exchange.on_error(error)),
            Poll::Pending => {}
        }
        result.map_ok(|response| ResponseBody::attach(response, exchange))
    }
}

#[inline(always)]
fn on_response<B: Body>(exchange: &mut Exchange<Tower>, response: &Response<B>) {
    if exchange.examines(response.status().as_u16()) {
        let extensions = response.extensions();
        let failure = FailureInfo::new(extensions.get::<Failure>(), extensions.get::<Suspicion>());
        exchange.observe_response(&HttpResponseHead(response), failure);
    }
    exchange.on_response(&HttpResponseHead(response));
}
