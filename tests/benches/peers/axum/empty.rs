//! A layer that does nothing: what axum itself takes for any middleware.

use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

#[derive(Clone)]
pub(crate) struct Empty;

#[derive(Clone)]
pub(crate) struct EmptyService<S>(S);

impl<S> Layer<S> for Empty {
    type Service = EmptyService<S>;

    fn layer(&self, inner: S) -> EmptyService<S> {
        EmptyService(inner)
    }
}

impl<S: Service<R>, R> Service<R> for EmptyService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.0.call(request)
    }
}
