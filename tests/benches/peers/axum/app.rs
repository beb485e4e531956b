//! The application: one route, called in process.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::get;
use http_body_util::BodyExt as _;
use tower::Service as _;

use crate::parents::{Parents, Request};
use crate::ready::now;

/// A router that is called in process.
pub(crate) struct App {
    router: Router,
    parents: Parents,
    flush: Box<dyn Fn()>,
}

impl App {
    pub(crate) fn of(router: Router, flush: impl Fn() + 'static) -> Self {
        // As `axum::serve` does. Otherwise each request would build the handler's service, and box it once more a layer.
        let router = router.with_state(());
        Self { router, parents: Parents::new(), flush: Box::new(flush) }
    }

    /// A router without middleware.
    pub(crate) fn routes() -> Router {
        let handler = |Path(id): Path<u32>| async move { if id == 7 { "seven" } else { "other" } };
        Router::new().route("/users/{id}", get(handler))
    }

    /// Empties the queue.
    pub(crate) fn flush(&self) {
        (self.flush)();
    }

    /// Sends one request and reads the body to its end. Everything is ready at once, so nothing waits.
    pub(crate) fn serve(&mut self, request: Request) {
        let mut builder =
            http::Request::get("/users/7").header("host", "shop.example").header("user-agent", "bench/1.0");
        if let Some((name, value)) = self.parents.header(request) {
            builder = builder.header(name, value);
        }
        let request = builder.body(Body::empty()).expect("a request");
        let Ok(response) = now(self.router.call(request));
        let body = now(response.into_body().collect()).expect("a body").to_bytes();
        assert_eq!(&body[..], b"seven");
    }
}
