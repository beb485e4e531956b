//! The handler of the ingestion endpoint.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{ACCEPT_ENCODING, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::app_state::AppState;
use crate::clock;
use crate::ingest::body::{BodyError, read_body};
use crate::ingest::post;
use crate::ingest::response::IngestionResponse;
use crate::store::NewItem;

/// Stores the accepted items of a post.
pub(crate) async fn track(State(state): State<AppState>, request: Request) -> Response {
    let body = match read_body(&state, request).await {
        Ok(body) => body,
        Err(error) => return not_read(&error),
    };
    let read = tokio::task::spawn_blocking(move || (post::read(&body, clock::now()), body)).await;
    match read {
        Ok(((items, response), _body)) => store(&state, items, response).await,
        Err(_) => unavailable(BodyError::Stopped.to_string()),
    }
}

fn not_read(error: &BodyError) -> Response {
    let mut response = IngestionResponse::refused(error.status(), error.to_string()).into_response();
    if let BodyError::UnsupportedEncoding(_) = error {
        response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate, identity"));
    }
    response
}

async fn store(state: &AppState, items: Vec<NewItem>, response: IngestionResponse) -> Response {
    match state.store.insert(items).await {
        Ok(()) => response.into_response(),
        Err(error) => unavailable(error.to_string()),
    }
}

/// 503 makes the client keep the batch and retry.
fn unavailable(reason: impl Into<String>) -> Response {
    IngestionResponse::refused(StatusCode::SERVICE_UNAVAILABLE, reason).into_response()
}
