//! Hooks that the system calls on built-in handlers alone.

use std::time::Instant;

use crate::handler_error::HandlerError;
use crate::handler_stats::MailStats;
use crate::handlers::QueueListener;

/// Hooks that the system calls on built-in handlers, besides the methods of [`Handler`](crate::handlers::Handler).
pub trait BuiltInHandler: Send + Sync {
    /// Called when the configuration that made the handler is applied.
    ///
    /// # Errors
    ///
    /// The handler cannot start; records will be lost.
    fn activate(&self) -> Result<(), HandlerError> {
        Ok(())
    }

    /// Called when the whole setup is applied, such as Django's defaults and then `LOGGING`: takes over mails of an
    /// earlier process or handler. May be called again.
    ///
    /// # Errors
    ///
    /// The mails cannot be taken over.
    fn recover(&self) -> Result<(), HandlerError> {
        Ok(())
    }

    /// A failure that lost no record and is not reported yet, such as that of a file's rotation.
    fn take_complaint(&self) -> Option<String> {
        None
    }

    /// Whether what the handler was made of, besides its part of the configuration, is still the same: then it goes on if
    /// that part is the same in a new configuration.
    fn is_current(&self) -> bool {
        true
    }

    /// Whether the handler buffers records even when its queue is empty: then only an explicit flush, a shutdown and a
    /// new configuration flush it.
    fn buffers_when_idle(&self) -> bool {
        false
    }

    /// Whether buffered records are flushed at a shutdown, and when a configuration replaces the handler.
    fn flushes_on_close(&self) -> bool {
        true
    }

    /// Waits until an attempt was made for each mail of the handler, or it waits for its server. `false`: the deadline
    /// passed before.
    fn wait_delivered(&self, deadline: Instant) -> bool {
        let _ = deadline;
        true
    }

    /// Counts of the handler's mails.
    fn mail_stats(&self) -> MailStats {
        MailStats::default()
    }

    /// The listener of a queue handler.
    fn listener(&self) -> Option<&QueueListener> {
        None
    }
}
