//! The routes on axum.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use opencensus::{OpenCensusLayer, Telemetry};
use tokio::net::TcpListener;

use crate::chunks::Chunks;
use crate::{HandlerError, Shop};

/// The application with the layer.
pub fn app(shop: Shop, telemetry: Telemetry) -> Router {
    let user = |Path(id): Path<String>| async move { format!("user {id}") };
    Router::new()
        .route("/", get(|| async { "home" }).post(|| async { "posted" }))
        .route("/users/{id}", get(user).post(user).put(user).delete(user))
        .route("/u/{name}", get(user))
        .route("/health", get(|| async { "ok" }))
        .route("/healthz", get(|| async { "ok" }))
        .route("/health-out", get(out))
        .route("/forbidden", get(|| async { StatusCode::FORBIDDEN }))
        .route("/bad", get(|| async { StatusCode::BAD_REQUEST }))
        .route("/fail", get(|| async { Err::<(), _>(HandlerError("no stock".to_owned())) }))
        .route("/boom", get(boom))
        .route("/unavailable", get(|| async { StatusCode::SERVICE_UNAVAILABLE }))
        .route("/redirect", get(|| async { (StatusCode::FOUND, Redirect::to("/")).into_response() }))
        .route("/slow", get(slow))
        .route("/stream", get(|| async { Body::new(Chunks::new()) }))
        .route("/events", get(|| async { ([(CONTENT_TYPE, "text/event-stream")], Body::new(Chunks::events())) }))
        .route("/hang", get(std::future::pending::<StatusCode>))
        .route("/out", get(out))
        .route("/trace-context-test", post(trace_context_test))
        .with_state(shop)
        .layer(OpenCensusLayer::new(telemetry))
}

/// Serves until `stop` is ready.
///
/// # Errors
///
/// Fails if the listener fails.
pub async fn serve(
    listener: TcpListener,
    shop: Shop,
    telemetry: Telemetry,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = app(shop, telemetry).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}

async fn boom() -> StatusCode {
    panic!("the shop is on fire")
}

async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_millis(120)).await;
    "done"
}

async fn out(State(shop): State<Shop>) -> Result<Bytes, HandlerError> {
    let url = shop.out_url.as_deref().ok_or_else(|| HandlerError("OUT_URL is not set".to_owned()))?;
    shop.outgoing.get(url).await
}

async fn trace_context_test(State(shop): State<Shop>, calls: Bytes) -> Result<(), HandlerError> {
    shop.outgoing.call_all(&calls).await
}

impl IntoResponse for HandlerError {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}
