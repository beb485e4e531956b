//! `GET certificate`: the certificate that clients trust.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::app_state::AppState;

/// The authority's certificate as PEM.
pub(super) async fn certificate(State(state): State<AppState>) -> Response {
    match state.tls.certificate() {
        Ok(certificate) => {
            ([(CONTENT_TYPE, "application/pem-certificate-chain")], certificate.authority().to_owned()).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
