//! Marks a response as one to a suspicious request.

/// An extension of a response: marks the request as suspicious. The security logger records the response instead
/// of the request logger.
///
/// # Examples
///
/// ```
/// use axum::{http::StatusCode, response::IntoResponse};
/// use opencensus::security::Suspicion;
///
/// async fn upload() -> impl IntoResponse {
///     let mut response = StatusCode::BAD_REQUEST.into_response();
///     response.extensions_mut().insert(Suspicion("TooManyFilesSent"));
///     response
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Suspicion(
    /// The kind, such as `DisallowedHost`.
    pub &'static str,
);
