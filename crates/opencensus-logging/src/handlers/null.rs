//! A handler that discards records.

use std::sync::Arc;

use crate::handler_error::HandlerError;
use crate::handlers::Handler;
use crate::record::Record;

/// Discards records. A logger that has it does not fall back to the handler of last resort.
///
/// # Examples
///
/// ```
/// use opencensus_logging::handlers::NullHandler;
/// use opencensus_logging::{Level, Logging};
///
/// Logging::global().add_handler("shop.noisy", "null", Level::NOTSET, NullHandler);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NullHandler;

impl Handler for NullHandler {
    fn emit(&self, _: &Arc<Record>) -> Result<(), HandlerError> {
        Ok(())
    }
}
