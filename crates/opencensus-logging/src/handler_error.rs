//! Why a handler lost a record.

use std::error::Error;

use crate::formatters::FormatError;

/// Why a handler lost a record, or could not be flushed.
///
/// # Examples
///
/// ```
/// use opencensus_logging::handlers::HandlerError;
///
/// let error = HandlerError::Other("the chat is closed".into());
/// assert_eq!(error.to_string(), "the chat is closed");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandlerError {
    /// The record could not be formatted.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The record could not be written to its destination.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The handler's queue was full.
    #[error("the queue is full")]
    Full,
    /// The handler is closed.
    #[error("the handler is closed")]
    Closed,
    /// The deadline of a flush passed.
    #[error("the deadline passed before all records were written")]
    Timeout,
    /// Another reason, such as one of a custom handler.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}
