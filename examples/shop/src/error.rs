//! Errors of the services.

use axum::http::StatusCode;
use opencensus::Failure;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why an order fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OrderError {
    #[error("there is no `{0}`")]
    UnknownItem(String),
    #[error("the service `{service}` responded with {status}")]
    Status { service: &'static str, status: StatusCode },
    #[error("the service `{service}` cannot be reached")]
    Unreachable { service: &'static str, source: reqwest_middleware::Error },
    #[error("the order cannot be stored")]
    Database(#[from] sqlx::Error),
}

impl OrderError {
    /// The response: its status, and the error for its telemetry. The client does not receive the error.
    pub(crate) fn response(self) -> Failure {
        let status = match self {
            Self::UnknownItem(_) => StatusCode::NOT_FOUND,
            Self::Status { .. } | Self::Unreachable { .. } => StatusCode::BAD_GATEWAY,
            Self::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Failure::with_cause(status, self)
    }
}
