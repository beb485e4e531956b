//! A handler that keeps records in memory for another handler.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::handler_error::HandlerError;
use crate::handlers::{BuiltInHandler, Handler, InstalledHandler};
use crate::level::Level;
use crate::lock::lock;
use crate::record::Record;

/// Keeps records in memory until there are `capacity` of them, or one of `flush_level` or above arrives; then it passes
/// all to another handler. As in Python, the filters of that handler apply, and its level does not.
///
/// # Examples
///
/// ```
/// use opencensus_logging::handlers::MemoryHandler;
/// use opencensus_logging::{Level, Logging};
///
/// // Details go to the console only together with an error.
/// let logging = Logging::builder().build();
/// logging.configure_toml(r#"
///     version = 1
///     handlers.details = { class = "memory", capacity = 1000, target = "console" }
///     handlers.console = { class = "console" }
///     root = { handlers = ["details"], level = "DEBUG" }
/// "#)?;
/// // In code, without a target, records are dropped.
/// logging.add_handler("shop", "dropped", Level::DEBUG, MemoryHandler::new(1000, Level::ERROR, None));
/// # Ok::<(), opencensus_logging::config::ConfigFileError>(())
/// ```
pub struct MemoryHandler {
    records: Mutex<Vec<Arc<Record>>>,
    capacity: usize,
    flush_level: Level,
    target: Option<Arc<InstalledHandler>>,
    flush_on_close: bool,
}

impl MemoryHandler {
    /// A handler that keeps at most `capacity` records, and passes them to `target` when one of `flush_level` or above
    /// arrives. Without a target they are dropped then.
    #[must_use]
    pub fn new(capacity: usize, flush_level: Level, target: Option<Arc<InstalledHandler>>) -> Self {
        Self { records: Mutex::default(), capacity, flush_level, target, flush_on_close: true }
    }

    /// Sets whether a close passes the remaining records on. Default: yes.
    #[must_use]
    pub fn with_flush_on_close(mut self, flush: bool) -> Self {
        self.flush_on_close = flush;
        self
    }

    fn pass_on(&self) {
        let records = std::mem::take(&mut *lock(&self.records));
        if let Some(target) = &self.target {
            records.into_iter().for_each(|mut record| target.handle(&mut record));
        }
    }
}

impl Handler for MemoryHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let mut records = lock(&self.records);
        records.push(Arc::clone(record));
        let is_due = records.len() >= self.capacity || record.level >= self.flush_level;
        drop(records);
        if is_due {
            self.pass_on();
        }
        Ok(())
    }

    fn flush(&self, _: Instant) -> Result<(), HandlerError> {
        self.pass_on();
        Ok(())
    }

    fn close(&self) {
        if self.flush_on_close {
            self.pass_on();
        } else {
            lock(&self.records).clear();
        }
    }

    fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        Some(self)
    }
}

impl BuiltInHandler for MemoryHandler {
    fn buffers_when_idle(&self) -> bool {
        true
    }

    fn flushes_on_close(&self) -> bool {
        self.flush_on_close
    }
}

/// Records that arrived after a configuration replaced the handler are passed on, too.
impl Drop for MemoryHandler {
    fn drop(&mut self) {
        if self.flush_on_close {
            self.pass_on();
        }
    }
}
