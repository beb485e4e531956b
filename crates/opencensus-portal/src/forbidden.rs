//! The response to requests that the portal refuses.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The path of the API.
pub(crate) const API: &str = "/api/v1";

/// Responds 403 with the reason: as JSON below the API, as text elsewhere.
pub(crate) fn forbidden(path: &str, reason: &str) -> Response {
    if path.strip_prefix(API).is_some_and(|rest| rest.starts_with('/')) {
        (StatusCode::FORBIDDEN, Json(json!({"error": reason}))).into_response()
    } else {
        (StatusCode::FORBIDDEN, reason.to_owned()).into_response()
    }
}
