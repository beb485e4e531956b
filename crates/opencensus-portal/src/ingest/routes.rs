//! The ingestion endpoint and the look-up of app ids, which are below any prefix.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::ALLOW;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app_state::AppState;
use crate::ingest::app_id::app_id;
use crate::ingest::endpoint::Endpoint;
use crate::ingest::track::track;
use crate::otlp::export;

/// Serves every path that no page and no part of the API has.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().fallback(dispatch)
}

async fn dispatch(state: State<AppState>, request: Request) -> Response {
    let endpoint = Endpoint::of(request.uri().path());
    match (endpoint, request.method()) {
        (Some(Endpoint::Track), &Method::POST) => track(state, request).await,
        (Some(Endpoint::OpenTelemetry), &Method::POST) => export(state, request).await,
        (Some(Endpoint::Track | Endpoint::OpenTelemetry), &Method::OPTIONS) => {
            (StatusCode::NO_CONTENT, [(ALLOW, "POST, OPTIONS")]).into_response()
        }
        (Some(Endpoint::Track | Endpoint::OpenTelemetry), _) => {
            (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "POST, OPTIONS")]).into_response()
        }
        // Text is text/plain.
        (Some(Endpoint::Profile(key)), &Method::GET | &Method::HEAD) => app_id(key).into_response(),
        (Some(Endpoint::Profile(_)), _) => (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response(),
        (None, _) => StatusCode::NOT_FOUND.into_response(),
    }
}
