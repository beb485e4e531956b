//! The transform of actix-web, and the service that records requests.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};

use crate::OpenCensusLayer;
use crate::actix::routes::WorkerRoutes;
use crate::actix::{ResponseBody, ResponseFuture};
use crate::middleware::exchange::Exchange;
use crate::telemetry::Running;

/// [`Service`] made by [`OpenCensusLayer`], one for each worker.
#[derive(Clone, Debug)]
pub struct OpenCensusMiddleware<S> {
    inner: S,
    // `None`: telemetry is disabled.
    running: Option<Arc<Running>>,
    routes: WorkerRoutes,
}

impl<S, B> Transform<S, ServiceRequest> for OpenCensusLayer
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody<Error: 'static>,
{
    type Response = ServiceResponse<ResponseBody<B>>;
    type Error = Error;
    type Transform = OpenCensusMiddleware<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let running = self.telemetry().running().cloned();
        ready(Ok(OpenCensusMiddleware { inner, running, routes: WorkerRoutes::default() }))
    }
}

impl<S, B> Service<ServiceRequest> for OpenCensusMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody<Error: 'static>,
{
    type Response = ServiceResponse<ResponseBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let routes = |request: &ServiceRequest| self.routes.get_or_init(request);
        let mut exchange = Exchange::begin(self.running.as_deref(), &mut request, routes);
        if exchange.is_watched() {
            let inner = exchange.run_watched(|| self.inner.call(request));
            return ResponseFuture::new(inner, exchange);
        }
        let entered = exchange.enter();
        let inner = self.inner.call(request);
        entered.exit();
        ResponseFuture::new(inner, exchange)
    }
}
