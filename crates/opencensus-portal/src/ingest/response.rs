//! The ingestion response: how many items were accepted, and why the others were not.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The most refused items of a post. A post with more is refused as a whole.
pub(super) const MAX_ERRORS: usize = 1000;

#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IngestionResponse {
    pub(super) items_received: usize,
    pub(super) items_accepted: usize,
    pub(super) errors: Vec<ItemError>,
}

/// Why an item was not accepted.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemError {
    pub(super) index: usize,
    pub(super) status_code: u16,
    pub(super) message: String,
}

impl IngestionResponse {
    /// A response that accepts nothing, with one error for the whole post.
    pub(super) fn refused(status: StatusCode, message: impl Into<String>) -> Self {
        let error = ItemError { index: 0, status_code: status.as_u16(), message: message.into() };
        Self { errors: vec![error], ..Self::default() }
    }

    /// 200 if every item was accepted, 206 if some were, and the status of the first error if none was.
    pub(super) fn status(&self) -> StatusCode {
        match (self.items_accepted, self.errors.first()) {
            (_, None) => StatusCode::OK,
            (0, Some(first)) => StatusCode::from_u16(first.status_code).unwrap_or(StatusCode::BAD_REQUEST),
            _ => StatusCode::PARTIAL_CONTENT,
        }
    }
}

impl IntoResponse for IngestionResponse {
    fn into_response(self) -> Response {
        (self.status(), Json(self)).into_response()
    }
}
