//! The tower service that records requests.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::OpenCensusLayer;
use crate::middleware::exchange::Exchange;
use crate::telemetry::Running;
use crate::tower::ResponseBody;
use crate::tower::future::ResponseFuture;

/// [`Service`] made by [`OpenCensusLayer`](crate::OpenCensusLayer).
#[derive(Clone, Debug)]
pub struct OpenCensusService<S> {
    inner: S,
    // `None`: telemetry is disabled.
    running: Option<Arc<Running>>,
}

impl<S> Layer<S> for OpenCensusLayer {
    type Service = OpenCensusService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        OpenCensusService { inner, running: self.telemetry().running().cloned() }
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
        let mut exchange = Exchange::begin(self.running.as_deref(), &mut request, |_| ());
        if exchange.is_watched() {
            let inner = exchange.run_watched(|| self.inner.call(request));
            return ResponseFuture::new(inner, exchange);
        }
        // Without a closure, into which the request would be moved.
        let entered = exchange.enter();
        let inner = self.inner.call(request);
        entered.exit();
        ResponseFuture::new(inner, exchange)
    }
}
