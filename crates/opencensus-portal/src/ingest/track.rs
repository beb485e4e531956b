//! The handler of the ingestion endpoint.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header::CONTENT_ENCODING};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::app_state::AppState;
use crate::ingest::{body, envelope, time};
use crate::store::NewItem;

/// The body of the ingestion response.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct IngestionResponse {
    items_received: usize,
    items_accepted: usize,
    errors: Vec<ItemError>,
}

/// Why an item was not accepted.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemError {
    index: usize,
    status_code: u16,
    message: String,
}

/// Responds with 200 if every item was accepted, with 206 and the errors if some were, and with the status
/// of the first error if none was.
pub(crate) async fn track(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let is_gzip = headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding.as_bytes() == b"gzip");
    let body = match body::decompress(&body, is_gzip) {
        Ok(body) => body,
        Err(refusal) => return refusal.into_response(),
    };
    let items = match body::split(&body) {
        Ok(items) => items,
        Err(refusal) => return refusal.into_response(),
    };
    let received = items.len();
    let now = time::now();
    let mut accepted = Vec::with_capacity(received);
    let mut errors = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        match item.and_then(|item| envelope::parse(item, now)) {
            Ok(item) => accepted.push(item),
            Err(message) => errors.push(ItemError { index, status_code: 400, message }),
        }
    }
    store(&state, accepted, IngestionResponse { items_received: received, items_accepted: 0, errors }).await
}

async fn store(state: &AppState, items: Vec<NewItem>, mut response: IngestionResponse) -> Response {
    response.items_accepted = items.len();
    if let Err(error) = state.store.insert(items).await {
        // 503 makes the client keep the batch and retry.
        return (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response();
    }
    let status = match (response.items_accepted, response.errors.first()) {
        (_, None) => StatusCode::OK,
        (0, Some(first)) => StatusCode::from_u16(first.status_code).unwrap_or(StatusCode::BAD_REQUEST),
        _ => StatusCode::PARTIAL_CONTENT,
    };
    (status, Json(response)).into_response()
}
