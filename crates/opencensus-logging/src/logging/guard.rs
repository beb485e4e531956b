//! Flushes a logging system at the end of a scope.

use std::time::Duration;

use crate::logging::Logging;

/// Flushes a logging system when it is dropped, such as at the end of `main`: without it, or a call of
/// [`flush`](Logging::flush) or [`shutdown`](Logging::shutdown), the records that are still queued are lost. It also
/// flushes when `main` returns an error or panics.
///
/// `std::process::exit` and an abort drop nothing: up to 8192 records of each handler are lost, and so are records of
/// memory handlers. Call [`flush`](Logging::flush) before `exit`.
///
/// # Examples
///
/// ```
/// use opencensus_logging::Logging;
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let logging = Logging::global();
///     let _guard = logging.guard();
///     logging.configure_toml(r#"
///         version = 1
///         handlers.console = { class = "console" }
///         root = { handlers = ["console"], level = "INFO" }
///     "#)?;
///     logging.get_logger("shop").info("open");
///     Ok(())
/// }
/// ```
#[derive(Debug)]
#[must_use = "the records are flushed when it is dropped: bind it to a name, such as `_guard`"]
pub struct LoggingGuard {
    logging: Logging,
    deadline: Duration,
}

/// How long the flush of a guard may take.
const DEADLINE: Duration = Duration::from_secs(5);

impl Logging {
    /// A guard that flushes this system when it is dropped, and waits for that 5 seconds at most.
    pub fn guard(&self) -> LoggingGuard {
        LoggingGuard { logging: self.clone(), deadline: DEADLINE }
    }
}

impl LoggingGuard {
    /// Sets how long the flush may take. Default: 5 s.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The system.
    #[must_use]
    pub fn logging(&self) -> &Logging {
        &self.logging
    }
}

impl Drop for LoggingGuard {
    fn drop(&mut self) {
        self.logging.flush(self.deadline);
    }
}
