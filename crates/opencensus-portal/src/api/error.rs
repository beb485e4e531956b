//! Error responses of the API.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::store::StoreError;
use crate::transfer::ImportError;

pub(super) enum ApiError {
    NotFound,
    /// The connection failed, or the body stopped.
    Late,
    Import(ImportError),
    Store(StoreError),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "no such item").into_response(),
            Self::Late => (StatusCode::REQUEST_TIMEOUT, "the body is late").into_response(),
            Self::Import(error) => {
                let status = match error {
                    ImportError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                    ImportError::Newer(_) | ImportError::Gzip(_) => StatusCode::BAD_REQUEST,
                    ImportError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
                };
                (status, error.to_string()).into_response()
            }
            Self::Store(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }
}
