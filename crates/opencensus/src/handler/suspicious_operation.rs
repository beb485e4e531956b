//! The error for suspicious requests.

use std::borrow::Cow;

/// An error for suspicious requests, as Django's `SuspiciousOperation`: the response has the status 400, and the
/// security logger of its kind records it instead of the request logger.
///
/// # Examples
///
/// ```
/// use opencensus::{Failure, SuspiciousOperation};
///
/// async fn upload(files: usize) -> Result<String, Failure> {
///     if files > 100 {
///         return Err(SuspiciousOperation::new("TooManyFilesSent", "more than 100 files").into());
///     }
///     Ok("thank you".to_owned())
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct SuspiciousOperation {
    kind: Cow<'static, str>,
    message: Cow<'static, str>,
}

impl SuspiciousOperation {
    /// Creates an error of a kind, which is the last part of the logger's name: one of Django's (`DisallowedHost`,
    /// `DisallowedRedirect`, `InvalidSessionKey`, `RequestDataTooBig`, `SuspiciousFileOperation`,
    /// `SuspiciousMultipartForm`, `SuspiciousSession`, `TooManyFieldsSent`, `TooManyFilesSent`), or a custom one.
    #[must_use]
    pub fn new(kind: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: kind.into(), message: message.into() }
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }
}
