//! The shop: an axum application, and the one line that adds the middleware.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::{get, post};
use opencensus::{Attribute, OpenCensusLayer, RequestSpan, Telemetry};
use tokio::sync::Semaphore;

/// The message of the intended panic.
/// The type of the exception of a panic.
pub(crate) const PANIC_TYPE: &str = "panic";
pub(crate) const PANIC: &str = "the shop is on fire";

/// One permit for each request that waits forever.
pub(crate) type Waiting = Arc<Semaphore>;

pub(crate) fn app(telemetry: Telemetry) -> (Router, Waiting) {
    let waiting = Waiting::new(Semaphore::new(0));
    let app = Router::new()
        .route("/", get(|| async { "Welcome!" }))
        .route("/products/{id}", get(product))
        .route("/orders", post(order))
        .route("/old", get(|| async { Redirect::temporary("/") }))
        .route("/staff", get(|| async { StatusCode::FORBIDDEN }))
        .route("/broken", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/panic", get(panic))
        .route("/slow", get(slow))
        .route("/wait", get(wait))
        .route("/health", get(|| async { "ok" }))
        .with_state(Arc::clone(&waiting))
        // Last, so that it surrounds all other layers.
        .layer(OpenCensusLayer::new(telemetry));
    (app, waiting)
}

async fn product(Path(id): Path<u32>) -> String {
    format!("product {id}")
}

async fn order() -> StatusCode {
    if let Some(request) = RequestSpan::current() {
        request.set_attribute(Attribute::new("items", 3));
    }
    StatusCode::CREATED
}

async fn panic() -> &'static str {
    std::panic::panic_any(PANIC.to_owned())
}

async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_millis(50)).await;
    "done"
}

/// Never responds: the client disconnects.
async fn wait(State(waiting): State<Waiting>) -> StatusCode {
    waiting.add_permits(1);
    std::future::pending().await
}
