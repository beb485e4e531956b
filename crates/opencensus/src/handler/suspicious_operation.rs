//! What no honest client does.

use std::borrow::Cow;

/// What no honest client does: an error that answers with 400, and goes to the security logger of its kind instead
/// of the request logger, as Django's `SuspiciousOperation`.
///
/// # Examples
///
/// ```
/// use opencensus::{Failure, SuspiciousOperation};
///
/// async fn upload(files: usize) -> Result<String, Failure> {
///     if files > 100 {
///         return Err(SuspiciousOperation::new("TooManyFilesSent", "more files than anybody needs").into());
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
    /// Of a kind, which is the last part of the logger's name: one of Django's (`DisallowedHost`,
    /// `DisallowedRedirect`, `InvalidSessionKey`, `RequestDataTooBig`, `SuspiciousFileOperation`,
    /// `SuspiciousMultipartForm`, `SuspiciousSession`, `TooManyFieldsSent`, `TooManyFilesSent`), or one's own.
    #[must_use]
    pub fn new(kind: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: kind.into(), message: message.into() }
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    pub(crate) fn into_kind(self) -> Cow<'static, str> {
        self.kind
    }
}
