//! The trait of handlers.

use std::sync::Arc;
use std::time::Instant;

use crate::handler_error::HandlerError;
use crate::handlers::BuiltInHandler;
use crate::record::Record;

/// Writes records to a destination. Several threads may call it at once.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::message;
/// use opencensus_logging::handlers::{Handler, HandlerError};
/// use opencensus_logging::{Level, Logging, Record};
/// use std::sync::{Arc, Mutex};
///
/// /// Keeps messages in memory.
/// #[derive(Clone, Default)]
/// struct Notebook(Arc<Mutex<Vec<String>>>);
///
/// impl Handler for Notebook {
///     fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
///         self.0.lock().unwrap().push(message(record)?.into_owned());
///         Ok(())
///     }
/// }
///
/// let (logging, notebook) = (Logging::builder().build(), Notebook::default());
/// logging.add_handler("shop", "notebook", Level::INFO, notebook.clone());
/// logging.get_logger("shop").warning("no chairs left");
/// assert_eq!(*notebook.0.lock().unwrap(), ["no chairs left"]);
/// ```
pub trait Handler: Send + Sync {
    /// Writes a record.
    ///
    /// # Errors
    ///
    /// The record is lost. The system counts and reports it.
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError>;

    /// Writes buffered records, and returns by the deadline. Default: the handler buffers none.
    ///
    /// # Errors
    ///
    /// Records are lost, or ([`HandlerError::Timeout`]) still buffered. The system reports errors on standard error. A
    /// timeout is `false` for the caller of [`Logging::flush`](crate::Logging::flush), and is reported if there is
    /// none.
    fn flush(&self, deadline: Instant) -> Result<(), HandlerError> {
        let _ = deadline;
        Ok(())
    }

    /// Releases resources, such as a file. No records follow. Default: does nothing.
    fn close(&self) {}

    /// The hooks of a built-in handler. A hidden method, since the system holds built-in and custom handlers alike as
    /// `Box<dyn Handler>`, which it cannot ask for a second trait in another way.
    #[doc(hidden)]
    fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        None
    }
}
