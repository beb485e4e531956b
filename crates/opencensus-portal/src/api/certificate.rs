//! `GET certificate`: the certificate that clients trust.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::app_state::AppState;

/// The authority's certificate as PEM.
pub(super) async fn certificate(State(state): State<AppState>) -> Result<Response, ApiError> {
    let authority = state.tls.certificate()?.authority().to_owned();
    Ok(([(CONTENT_TYPE, "application/pem-certificate-chain")], authority).into_response())
}
