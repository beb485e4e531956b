//! Nowhere.

use std::sync::Arc;

use crate::handlers::{Handler, HandlerError};
use crate::record::Record;

/// Does nothing, so that there is a handler.
#[derive(Clone, Copy, Debug, Default)]
pub struct NullHandler;

impl Handler for NullHandler {
    fn emit(&self, _: &Arc<Record>) -> Result<(), HandlerError> {
        Ok(())
    }
}
