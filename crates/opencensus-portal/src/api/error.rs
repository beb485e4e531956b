//! Error responses of the API: JSON with the reason and, if there is one, the invalid parameter.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::faults::FaultError;
use crate::store::StoreError;
use crate::tls::CertificateError;
use crate::transfer::ImportError;

pub(super) enum ApiError {
    /// A parameter or a field is invalid.
    Parameter {
        parameter: String,
        reason: String,
    },
    /// There is no such thing. The text names it.
    NotFound(&'static str),
    Method,
    /// The connection failed, or the body stopped.
    Late,
    Import(ImportError),
    Certificate(CertificateError),
    TooLarge,
    /// The state of the portal does not allow the change.
    Conflict(String),
    /// Too many streams are open.
    Busy,
    /// The body is of another type than this.
    MediaType(&'static str),
    Store(StoreError),
}

#[derive(Serialize)]
struct ErrorView {
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
}

impl ApiError {
    pub(super) fn parameter(parameter: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Parameter { parameter: parameter.into(), reason: reason.into() }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<FaultError> for ApiError {
    fn from(error: FaultError) -> Self {
        match error {
            FaultError::Invalid { parameter, reason } => Self::Parameter { parameter, reason },
            FaultError::TooMany(_) => Self::Conflict(error.to_string()),
        }
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => Self::Store(error),
            error => Self::Import(error),
        }
    }
}

impl From<CertificateError> for ApiError {
    fn from(error: CertificateError) -> Self {
        Self::Certificate(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, error, parameter) = match self {
            Self::Parameter { parameter, reason } => {
                (StatusCode::BAD_REQUEST, format!("`{parameter}` {reason}"), Some(parameter))
            }
            Self::NotFound(what) => (StatusCode::NOT_FOUND, format!("there is no such {what}"), None),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "this path does not have the method".to_owned(), None),
            Self::Late => (StatusCode::REQUEST_TIMEOUT, "the body is late".to_owned(), None),
            Self::Import(error @ ImportError::TooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, error.to_string(), None),
            Self::Import(error) => (StatusCode::BAD_REQUEST, error.to_string(), None),
            Self::Certificate(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string(), None),
            Self::Conflict(error) => (StatusCode::CONFLICT, error, None),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "too many streams are open".to_owned(), None),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large".to_owned(), None),
            Self::MediaType(kind) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("the body has to be {kind}"), None),
            Self::Store(error @ StoreError::Stopped) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string(), None),
            Self::Store(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string(), None),
        };
        (status, Json(ErrorView { error, parameter })).into_response()
    }
}
