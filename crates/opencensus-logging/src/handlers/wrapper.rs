//! Custom handlers that wrap built-in ones.

use std::sync::Arc;
use std::time::Instant;

use crate::handler_error::HandlerError;
use crate::handler_stats::{HandlerStats, MailStats};
use crate::handlers::{BuiltInHandler, Handler, QueueListener};
use crate::record::Record;

/// A built-in handler that a custom one wraps, and whose hooks the system still calls.
#[derive(Clone)]
pub(crate) struct WrappedHandler(Arc<dyn Handler>);

impl WrappedHandler {
    pub(crate) fn new(handler: Box<dyn Handler>) -> Self {
        Self(handler.into())
    }
}

impl Handler for WrappedHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        self.0.emit(record)
    }

    fn flush(&self, deadline: Instant) -> Result<(), HandlerError> {
        self.0.flush(deadline)
    }

    fn close(&self) {
        self.0.close();
    }

    fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        self.0.built_in()
    }
}

/// A custom handler with the hooks of the built-in ones that it wraps, which it cannot pass on itself.
struct Wrapper {
    handler: Box<dyn Handler>,
    wrapped: Vec<WrappedHandler>,
}

/// The handler with the hooks of those that it wraps.
pub(crate) fn with_hooks_of(wrapped: Vec<WrappedHandler>, handler: Box<dyn Handler>) -> Box<dyn Handler> {
    let has_hooks = wrapped.is_empty() || handler.built_in().is_some();
    if has_hooks { handler } else { Box::new(Wrapper { handler, wrapped }) }
}

impl Wrapper {
    fn hooks(&self) -> impl Iterator<Item = &dyn BuiltInHandler> {
        self.wrapped.iter().filter_map(WrappedHandler::built_in)
    }
}

impl Handler for Wrapper {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        self.handler.emit(record)
    }

    fn flush(&self, deadline: Instant) -> Result<(), HandlerError> {
        self.handler.flush(deadline)
    }

    fn close(&self) {
        self.handler.close();
    }

    fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        Some(self)
    }
}

impl BuiltInHandler for Wrapper {
    fn activate(&self) -> Result<(), HandlerError> {
        self.hooks().try_for_each(BuiltInHandler::activate)
    }

    fn recover(&self) -> Result<(), HandlerError> {
        self.hooks().try_for_each(BuiltInHandler::recover)
    }

    fn take_complaint(&self) -> Option<String> {
        self.hooks().find_map(BuiltInHandler::take_complaint)
    }

    fn is_current(&self) -> bool {
        self.hooks().all(BuiltInHandler::is_current)
    }

    fn buffers_when_idle(&self) -> bool {
        self.hooks().any(BuiltInHandler::buffers_when_idle)
    }

    fn flushes_on_close(&self) -> bool {
        self.hooks().all(BuiltInHandler::flushes_on_close)
    }

    fn wait_delivered(&self, deadline: Instant) -> bool {
        // Not `all`: each is waited for.
        self.hooks().filter(|hooks| !hooks.wait_delivered(deadline)).count() == 0
    }

    fn mail_stats(&self) -> MailStats {
        let mut sum = HandlerStats::default();
        for hooks in self.hooks() {
            sum.add(HandlerStats { mails: hooks.mail_stats(), ..HandlerStats::default() });
        }
        sum.mails
    }

    fn listener(&self) -> Option<&QueueListener> {
        self.hooks().find_map(BuiltInHandler::listener)
    }
}
