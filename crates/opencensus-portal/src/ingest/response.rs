//! The ingestion response: how many items were accepted, and why the others were not.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The header in which the SDKs exchange their app ids.
const REQUEST_CONTEXT: HeaderName = HeaderName::from_static("request-context");

/// The most refused items of a post. A post with more is refused as a whole.
pub(super) const MAX_ERRORS: usize = 1000;

#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IngestionResponse {
    pub(super) items_received: usize,
    pub(super) items_accepted: usize,
    /// The app id of the first item's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) app_id: Option<String>,
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
        let context = self.app_id.as_deref().map(|id| format!("appId=cid-v1:{id}"));
        let mut response = (self.status(), Json(self)).into_response();
        if let Some(context) = context.and_then(|context| HeaderValue::try_from(context).ok()) {
            response.headers_mut().insert(REQUEST_CONTEXT, context);
        }
        response
    }
}
