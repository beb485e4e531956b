//! A handler that passes records to other handlers on a background thread.

use std::sync::Arc;
use std::time::Instant;

use crate::handler_error::HandlerError;
use crate::handlers::{BuiltInHandler, Handler, InstalledHandler, QueueListener};
use crate::record::Record;
use crate::shared::Shared;

/// Passes records to other handlers on a background thread, as Python's `QueueHandler` and `QueueListener` do. The
/// queue is bounded, and callers never wait. Only configurations create it, by the class `queue`; [`QueueListener`]
/// shows one.
pub struct QueueHandler {
    listener: QueueListener,
    handlers: Vec<Arc<InstalledHandler>>,
}

impl QueueHandler {
    /// With `respects_levels`, a handler receives only records of its level and above.
    pub(crate) fn new(
        handlers: Vec<Arc<InstalledHandler>>,
        respects_levels: bool,
        capacity: usize,
        shared: Arc<Shared>,
    ) -> Self {
        let name = handlers.first().map_or("queue", |handler| handler.name()).to_owned();
        let targets = handlers.clone();
        let deliver = move |record: &Arc<Record>| {
            let mut record = Arc::clone(record);
            for handler in &targets {
                if !respects_levels || record.level >= handler.level() {
                    handler.handle(&mut record);
                }
            }
        };
        Self { listener: QueueListener::new(name, capacity, deliver, shared), handlers }
    }

    /// The thread that passes records on.
    #[must_use]
    pub fn listener(&self) -> &QueueListener {
        &self.listener
    }
}

impl Handler for QueueHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        self.listener.push(Arc::clone(record))
    }

    fn flush(&self, deadline: Instant) -> Result<(), HandlerError> {
        let is_passed_on = self.listener.flush(deadline);
        // Handlers that buffer records on purpose keep them.
        let writing = self.handlers.iter().filter(|handler| !handler.buffers_when_idle());
        // Not `all`: each handler is flushed.
        let unwritten = writing.filter(|handler| !handler.flush_until(deadline)).count();
        if is_passed_on && unwritten == 0 { Ok(()) } else { Err(HandlerError::Timeout) }
    }

    fn close(&self) {
        self.listener.close();
    }

    fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        Some(self)
    }
}

impl BuiltInHandler for QueueHandler {
    fn listener(&self) -> Option<&QueueListener> {
        Some(&self.listener)
    }
}
