//! Errors of requests to a running portal.

use std::io;

use axum::http::StatusCode;

/// Why a running portal did not respond as expected.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    #[error("`{0}` is not the address of a portal, such as http://127.0.0.1:8787")]
    Url(String),
    #[error(
        "no portal is reached at {url} ({error}): start one with `opencensus-portal`, or name another address with --url"
    )]
    Unreachable { url: String, error: io::Error },
    #[error("the portal responded with {status}: {message}")]
    Status { status: StatusCode, message: String },
    #[error("the connection to the portal failed: {0}")]
    Connection(#[from] hyper::Error),
    #[error("the portal stopped")]
    Ended,
    #[error("the portal's response could not be read: {0}")]
    Body(axum::Error),
    #[error("the portal's response is not the expected JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the request is invalid: {0}")]
    Request(#[from] axum::http::Error),
}

impl ClientError {
    pub(super) fn body(error: impl Into<axum::BoxError>) -> Self {
        Self::Body(axum::Error::new(error))
    }

    /// Whether the same request may succeed later: the portal was stopped, restarts, or is overloaded.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Connection(_) | Self::Body(_) | Self::Ended => true,
            Self::Status { status, .. } => status.is_server_error(),
            Self::Url(_) | Self::Json(_) | Self::Request(_) => false,
        }
    }
}
