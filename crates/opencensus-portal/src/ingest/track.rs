//! The ingestion endpoint: `/v2/track` and `/v2.1/track`.
//!
//! The answers are those of the service: 200 if every item was accepted, 206 with the refused ones
//! if some were, the first refused item's status if none was.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header::CONTENT_ENCODING};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::ingest::{body, envelope, time};
use crate::server::App;
use crate::store::NewItem;

/// What the endpoint answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
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

pub(crate) async fn track(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
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
        match item.and_then(|item| envelope::read(item, now)) {
            Ok(item) => accepted.push(item),
            Err(message) => errors.push(ItemError { index, status_code: 400, message }),
        }
    }
    store(&app, accepted, Answer { items_received: received, items_accepted: 0, errors }).await
}

async fn store(app: &App, items: Vec<NewItem>, mut answer: Answer) -> Response {
    answer.items_accepted = items.len();
    if let Err(error) = app.store.insert(items).await {
        // The client keeps the batch and comes again.
        return (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response();
    }
    let status = match (answer.items_accepted, answer.errors.first()) {
        (_, None) => StatusCode::OK,
        (0, Some(first)) => StatusCode::from_u16(first.status_code).unwrap_or(StatusCode::BAD_REQUEST),
        _ => StatusCode::PARTIAL_CONTENT,
    };
    (status, Json(answer)).into_response()
}
