//! The transform and its service.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::{Error, HttpMessage as _};
use opencensus_core::{Current, RequestSpan, current};

use crate::actix::request_head::{ActixHead, Target};
use crate::actix::routed::{RoutedScope, Routes};
use crate::actix::{ResponseBody, ResponseFuture};
use crate::middleware::exchange::RequestScope;
use crate::middleware::observation::Asked;
use crate::middleware::response_end::Expected;
use crate::{OpenCensusLayer, Telemetry};

/// [`Service`] made by [`OpenCensusLayer`], one a worker.
#[derive(Clone, Debug)]
pub struct OpenCensusMiddleware<S> {
    inner: S,
    config: Telemetry,
    routes: Routes,
}

impl<S, B> Transform<S, ServiceRequest> for OpenCensusLayer
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<ResponseBody<B>>;
    type Error = Error;
    type Transform = OpenCensusMiddleware<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(OpenCensusMiddleware { inner, config: self.config().clone(), routes: Routes::default() }))
    }
}

impl<S, B> Service<ServiceRequest> for OpenCensusMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<ResponseBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let mut routed = RoutedScope::new(begin(&self.config, &request), &self.routes, &request);
        let mut asked = Asked::of(&self.config, routed.scope(), |in_full| Target::of(&request, in_full));
        if asked.as_mut().is_some_and(|asked| asked.is_in_full()) {
            routed.learn(&self.routes, &request);
        }
        let expected = Expected::of(request.method().as_str());
        let future = routed.run(&mut asked, || self.inner.call(request));
        ResponseFuture::new(future, routed, asked, expected)
    }
}

/// Decides about the request. One that is kept carries its span from now on.
fn begin(config: &Telemetry, request: &ServiceRequest) -> RequestScope {
    let Some((tracer, options)) = config.tracer() else { return RequestScope::default() };
    // A layer further out follows it, and learns the route on the way back.
    if current::is_non_recording() || request.extensions().contains::<Arc<RequestSpan>>() {
        return RequestScope::default();
    }
    let current = tracer.begin(&ActixHead::new(request));
    if let Current::Recording(span) = &current {
        if let Some(capture) = config.capture() {
            capture.of_request(request.headers()).for_each(|attribute| span.set_attribute(attribute));
        }
        request.extensions_mut().insert(Arc::clone(span));
    }
    RequestScope::new(current, options)
}
