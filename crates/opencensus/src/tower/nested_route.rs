//! Finds the prefix below which axum has nested a service or a fallback.

use std::convert::Infallible;
use std::future::{Future as _, Ready, ready};
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, NestedPath, OriginalUri, Request};
use axum::response::Response;
use http::{Extensions, Method, Uri};
use tower_service::Service;

/// The route of a request for which axum names none, such as `/assets/*` for a service that is nested at `/assets`.
/// `None`: no router has nested it.
///
/// axum keeps the prefix of a service that it is about to call in a private extension. Routers inside of the service
/// add their route to it, and so does the one of this module. It works on a copy of the extensions.
#[cold]
pub(crate) fn nested_route(extensions: &Extensions) -> Option<String> {
    extensions.get::<OriginalUri>()?;
    let prefix = service_prefix(extensions).or_else(|| {
        let nested = extensions.get::<NestedPath>()?;
        Some(nested.as_str().to_owned())
    })?;
    Some(format!("{}/*", prefix.trim_end_matches('/')))
}

fn service_prefix(extensions: &Extensions) -> Option<String> {
    static ROUTER: LazyLock<Router> = LazyLock::new(|| Router::new().route_service("/", ReadRoute));
    let mut request = Request::new(Body::empty());
    (*request.method_mut(), *request.uri_mut()) = (Method::GET, Uri::from_static("/"));
    *request.extensions_mut() = extensions.clone();
    let response = pin!(ROUTER.clone().call(request)).poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Ok(response)) = response else { return None };
    let route = response.extensions().get::<MatchedPath>()?.as_str();
    Some(route.trim_end_matches('/').to_owned()).filter(|prefix| !prefix.is_empty())
}

/// Responds with the matched route as an extension.
#[derive(Clone)]
struct ReadRoute;

impl Service<Request> for ReadRoute {
    type Response = Response;
    type Error = Infallible;
    type Future = Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let mut response = Response::new(Body::empty());
        if let Some(route) = request.extensions().get::<MatchedPath>() {
            response.extensions_mut().insert(route.clone());
        }
        ready(Ok(response))
    }
}
