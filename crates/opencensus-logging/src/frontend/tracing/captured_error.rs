//! Copies an error that an event borrows.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::error::LoggedError;

/// A copy of an error that an event borrows: its texts, and those of its causes.
pub(super) struct CapturedError {
    message: String,
    debug: String,
    cause: Option<Box<CapturedError>>,
}

impl CapturedError {
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        let cause = error.source().map(|cause| Box::new(Self::of(cause)));
        Self { message: error.to_string(), debug: format!("{error:?}"), cause }
    }
}

impl fmt::Display for CapturedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for CapturedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.debug)
    }
}

impl Error for CapturedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl CapturedError {
    /// Erased: the name of the type is that of the original error, which `Debug` shows.
    pub(super) fn into_logged(self) -> LoggedError {
        LoggedError::erased(Arc::new(self) as Arc<dyn Error + Send + Sync>)
    }
}
