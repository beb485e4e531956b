//! The service.

use std::sync::Arc;
use std::task::{Context, Poll};

use crate::middleware::exchange::RequestScope;
use crate::middleware::observation::Asked;
use crate::middleware::response_end::Expected;
use crate::tower::ResponseBody;
use crate::tower::future::ResponseFuture;
use crate::tower::request_head::{HttpHead, Target, matched_path};
use crate::{OpenCensusLayer, Telemetry};
use http::{Request, Response};
use http_body::Body;
use opencensus_core::{Current, RequestSpan, current};
use tower_layer::Layer;
use tower_service::Service;

/// [`Service`] made by [`OpenCensusLayer`](crate::OpenCensusLayer).
#[derive(Clone, Debug)]
pub struct OpenCensusService<S> {
    inner: S,
    config: Telemetry,
}

impl<S> OpenCensusService<S> {
    pub(crate) fn new(inner: S, config: Telemetry) -> Self {
        Self { inner, config }
    }
}

impl<S> Layer<S> for OpenCensusLayer {
    type Service = OpenCensusService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        OpenCensusService::new(inner, self.config().clone())
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for OpenCensusService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Body,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let mut scope = begin(&self.config, &mut request);
        let mut asked = Asked::of(&self.config, &scope, |in_full| Target::of(&mut request, in_full));
        let expected = Expected::of(request.method().as_str());
        let inner = &mut self.inner;
        let future = if asked.is_none() && !scope.is_open() {
            // What nobody watches needs no closure, into which the request would move.
            let _entered = scope.enter();
            inner.call(request)
        } else {
            Asked::run(&mut asked, &mut scope, || inner.call(request))
        };
        ResponseFuture::new(future, scope, asked, expected)
    }
}

/// Decides about the request. One that is kept carries its span from now on.
fn begin<B>(config: &Telemetry, request: &mut Request<B>) -> RequestScope {
    let Some((tracer, options)) = config.tracer() else { return RequestScope::default() };
    if is_followed(request) {
        return RequestScope::default();
    }
    let current = tracer.begin(&HttpHead::new(request));
    if let Current::Recording(span) = &current {
        if let Some(capture) = config.capture() {
            capture.of_request(request.headers()).for_each(|attribute| span.set_attribute(attribute));
        }
        request.extensions_mut().insert(Arc::clone(span));
    }
    RequestScope::new(current, options)
}

/// Whether a layer further out follows the request. It may not know the route, which this one may.
///
/// A request that is not kept carries no mark: the table of extensions usually grows with the next
/// entry, which costs more than everything else that is done for such a request. The thread knows
/// instead. Between two of our layers in different tasks (tower's `Buffer`) the inner one decides
/// anew.
fn is_followed<B>(request: &Request<B>) -> bool {
    if let Some(span) = request.extensions().get::<Arc<RequestSpan>>() {
        if let Some(route) = matched_path(request.extensions()) {
            span.set_route(route.to_owned());
        }
        return true;
    }
    current::is_non_recording()
}
