//! The tower service that records requests.

use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::middleware::exchange::Exchange;
use crate::tower::ResponseBody;
use crate::tower::future::ResponseFuture;
use crate::{OpenCensusLayer, Telemetry};

/// [`Service`] made by [`OpenCensusLayer`](crate::OpenCensusLayer).
#[derive(Clone, Debug)]
pub struct OpenCensusService<S> {
    inner: S,
    telemetry: Telemetry,
}

impl<S> Layer<S> for OpenCensusLayer {
    type Service = OpenCensusService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        OpenCensusService { inner, telemetry: self.telemetry().clone() }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for OpenCensusService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>, Error: 'static>,
    ResBody: Body,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    // Inlined into the service around, it would copy the request once more.
    #[inline(never)]
    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let mut exchange = Exchange::begin(&self.telemetry, &mut request, |_| ());
        let inner = &mut self.inner;
        let future = if exchange.is_watched() {
            exchange.run_watched(|| inner.call(request))
        } else {
            // Without a closure, into which the request would be moved.
            let _entered = exchange.enter();
            inner.call(request)
        };
        ResponseFuture::new(future, exchange)
    }
}
