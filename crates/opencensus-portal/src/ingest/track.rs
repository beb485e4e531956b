//! The handler of the ingestion endpoint.

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{StatusCode, header::CONTENT_ENCODING};
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use crate::app_state::AppState;
use crate::ingest::intake::BODY_TIMEOUT;
use crate::ingest::response::IngestionResponse;
use crate::ingest::{post, time};
use crate::store::NewItem;

/// Stores the accepted items of a post.
pub(crate) async fn track(State(state): State<AppState>, request: Request) -> Response {
    let is_gzip = request.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding.as_bytes() == b"gzip");
    let _turn = state.intake.body().await;
    let body = match timeout(BODY_TIMEOUT, Bytes::from_request(request, &state)).await {
        Ok(Ok(body)) => body,
        Ok(Err(rejection)) => {
            return IngestionResponse::refused(rejection.status(), rejection.body_text()).into_response();
        }
        Err(_) => return IngestionResponse::refused(StatusCode::REQUEST_TIMEOUT, "the body is late").into_response(),
    };
    let _turn = state.intake.read().await;
    let read = tokio::task::spawn_blocking(move || post::read(&body, is_gzip, time::now())).await;
    match read {
        Ok((items, response)) => store(&state, items, response).await,
        Err(_) => unavailable("the portal is being stopped"),
    }
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
