//! `/faults`: reads, adds and ends faults of the ingestion endpoint.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};

use crate::api::error::ApiError;
use crate::app_state::AppState;
use crate::faults::{FaultReport, from_json};

pub(super) async fn faults(State(state): State<AppState>) -> Json<FaultReport> {
    Json(state.faults.report())
}

/// Adds a fault behind the active ones.
pub(super) async fn add(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<FaultReport>), ApiError> {
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_json {
        return Err(ApiError::MediaType("application/json"));
    }
    let body = body.map_err(|_| ApiError::TooLarge)?;
    state.faults.add(from_json(&body)?)?;
    Ok((StatusCode::CREATED, Json(state.faults.report())))
}

pub(super) async fn end(State(state): State<AppState>) -> Json<FaultReport> {
    state.faults.end();
    Json(state.faults.report())
}
