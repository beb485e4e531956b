//! The handle of a logging system.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use opencensus_settings::Checked;
use serde_json::Value;

use crate::background::deadline;
use crate::build::{Arguments, ClassRegistry};
use crate::handler_stats::HandlerStats;
use crate::handlers::{Handler, InstalledHandler};
use crate::level::Level;
use crate::logger::Logger;
use crate::logging::LoggingStats;
#[cfg(feature = "mail")]
use crate::mail::{MailContext, MailSettings, MemoryBackend};
use crate::registry::{LoggerChange, LoggerState, canonical};
use crate::system::System;

/// A logging system: loggers, handlers, and their configuration. It is cheap to clone; clones are the same system.
///
/// Most programs use the [global](Self::global) one.
///
/// # Examples
///
/// ```
/// use opencensus_logging::Logging;
/// use std::time::Duration;
///
/// let logging = Logging::global();
/// logging.configure_toml(r#"
///     version = 1
///     handlers.console = { class = "console" }
///     root = { handlers = ["console"], level = "INFO" }
/// "#)?;
/// logging.get_logger("shop").info("open");
/// assert!(logging.shutdown(Duration::from_secs(5)));
/// # Ok::<(), opencensus_logging::config::ConfigFileError>(())
/// ```
#[derive(Clone)]
pub struct Logging {
    pub(super) system: Arc<System>,
    pub(super) registrations: Arc<Registrations>,
}

/// Classes, configurators and mail settings, which configurations use.
pub(super) struct Registrations {
    pub(super) classes: ClassRegistry,
    pub(super) configurators: BTreeMap<String, Configurator>,
    /// Code of the program may read requests of records.
    pub(super) reads_requests: AtomicBool,
    #[cfg(feature = "mail")]
    pub(super) mail: Arc<MailContext>,
}

/// A function that configures a logging system from a configuration of its own form.
pub(crate) type Configurator = Arc<dyn Fn(&Logging, &Value) -> Checked<()> + Send + Sync>;

impl Logging {
    /// The logger of this name, which is the same for the same name. `::` means `.`; the root is `""` or `"root"`.
    /// Except in [Python's dialect](crate::Dialect::Python), `django` and the names below it mean `opencensus` and the
    /// names below that.
    #[must_use]
    pub fn get_logger(&self, name: &str) -> Logger {
        let node = self.system.tree().node(&self.canonical(name));
        Logger::new(node, Arc::clone(&self.system))
    }

    /// The logger of this name. If the program has not named it, nothing keeps it, and later changes do not reach it.
    #[cfg(any(feature = "log", feature = "tracing"))]
    pub(crate) fn transient_logger(&self, name: &str) -> Logger {
        let node = self.system.tree().transient_node(&self.canonical(name));
        Logger::new(node, Arc::clone(&self.system))
    }

    /// Sets the level of a logger. `NOTSET`: the level of its parent applies.
    pub fn set_level(&self, logger: &str, level: Level) {
        let change = LoggerChange { level: Some(level), keeps_filters: true, ..LoggerChange::default() };
        self.system.change(|tree| tree.change(&self.canonical(logger), change));
    }

    /// Disables records of this level and below, for all loggers. `NOTSET`: enables them again.
    pub fn disable(&self, level: Level) {
        self.system.change(|tree| tree.disable_up_to(level));
    }

    /// Gives a level a name, for formats and configurations.
    pub fn add_level_name(&self, level: Level, name: impl Into<String>) {
        self.system.shared.level_names.add(level, name.into());
    }

    /// The name of a level, which may be one that the program gave it.
    #[must_use]
    pub fn level_name(&self, level: Level) -> String {
        self.system.shared.level_names.custom_name(level).unwrap_or_else(|| level.name().into_owned())
    }

    /// Adds a handler to a logger, besides those of the configuration, for records of this level and above. It runs on
    /// the caller's thread, and its counts are in [`stats`](Self::stats) under this name. The next configuration
    /// removes it.
    pub fn add_handler(&self, logger: &str, name: &str, level: Level, handler: impl Handler + 'static) {
        let shared = Arc::clone(&self.system.shared);
        let handler = InstalledHandler::new(name.into(), level, Vec::new(), Box::new(handler), false, shared);
        self.system.change(|tree| tree.add_handler(&self.canonical(logger), Arc::new(handler)));
    }

    /// Adds a handler class, which configurations name by `class` or `()`, for handlers that need objects which are
    /// created after the logging system. It replaces a class of the same name.
    pub fn add_handler_class(
        &self,
        name: impl Into<String>,
        factory: impl Fn(&mut Arguments<'_>) -> Checked<Box<dyn Handler>> + Send + Sync + 'static,
    ) {
        self.classes().handlers.add_custom(name.into(), factory);
    }

    /// The handler of this name in the current configuration.
    #[must_use]
    pub fn handler(&self, name: &str) -> Option<Arc<InstalledHandler>> {
        self.system.tree().handlers().get(name).cloned()
    }

    /// The current state of a logger. `None`: neither the program nor a configuration has named it yet.
    #[must_use]
    pub fn logger_state(&self, name: &str) -> Option<LoggerState> {
        self.system.tree().state(&self.canonical(name))
    }

    /// Whether the program runs in debug mode, on which filters and defaults depend. Default: no.
    #[must_use]
    pub fn is_debug(&self) -> bool {
        self.system.shared.is_debug()
    }

    /// Switches the debug mode, for records from now on.
    pub fn set_debug(&self, debug: bool) {
        if self.system.shared.debug.swap(debug, Ordering::Relaxed) != debug {
            // Front ends cache which levels are enabled.
            self.system.change(|_| ());
        }
    }

    /// Replaces the mail settings, for handlers of the class `mail_admins` that configurations create from now on.
    #[cfg(feature = "mail")]
    pub fn set_mail(&self, mail: MailSettings) {
        self.mail().set_settings(mail);
    }

    /// The mails of the backend `memory`: Django's `mail.outbox`.
    #[cfg(feature = "mail")]
    #[must_use]
    pub fn outbox(&self) -> MemoryBackend {
        self.mail().settings().outbox.clone()
    }

    /// Whether reports of requests may be mailed, since there are administrators, managers, or custom mail backends. If
    /// not, records need no [`request`](crate::Record::request).
    #[cfg(feature = "mail")]
    #[must_use]
    pub fn mails_reports(&self) -> bool {
        self.mail().mails_reports()
    }

    /// Whether code of the program may read [`Record::request`](crate::Record::request), so that requests are copied for
    /// their records. Default: whether the builder has a callback, or a class of handlers, filters or formatters.
    #[must_use]
    pub fn reads_requests(&self) -> bool {
        self.registrations.reads_requests.load(Ordering::Relaxed)
    }

    /// Sets whether code of the program may read [`Record::request`](crate::Record::request), for example in a handler of
    /// [`add_handler`](Self::add_handler).
    pub fn set_reads_requests(&self, reads: bool) {
        self.registrations.reads_requests.store(reads, Ordering::Relaxed);
    }

    /// Sets whether losses are reported on standard error; Python's `raiseExceptions`. Default: yes. They are always
    /// counted.
    pub fn set_reports_losses(&self, reports: bool) {
        self.system.shared.diagnostics.set_reports_losses(reports);
    }

    /// Sets the handler of records that reach no other handler; Python's `lastResort`. Default: standard error, from
    /// WARNING on. `None`: such records are dropped, and the first one is reported on standard error.
    pub fn set_last_resort(&self, handler: Option<Box<dyn Handler>>) {
        self.system.set_last_resort(handler);
    }

    /// Counts of the system's records.
    #[must_use]
    pub fn stats(&self) -> LoggingStats {
        let in_use = self.system.tree().all_handlers();
        let mut handlers: BTreeMap<String, HandlerStats> = BTreeMap::new();
        for handler in in_use {
            handlers.entry(handler.name().to_owned()).or_default().add(handler.stats());
        }
        LoggingStats {
            handlers,
            recursive: self.system.shared.recursive.load(Ordering::Relaxed),
            filter_panics: self.system.shared.filter_panics.load(Ordering::Relaxed),
        }
    }

    /// Waits until all records so far are written, and each mail is sent or waits for its server. `false`: that took
    /// longer than `within`.
    pub fn flush(&self, within: Duration) -> bool {
        // Not in one expression: the tree would stay locked, and handlers may get loggers.
        let handlers = self.system.tree().all_handlers();
        self.flush_handlers(&handlers, deadline(within))
    }

    fn flush_handlers(&self, handlers: &[Arc<InstalledHandler>], deadline: Instant) -> bool {
        // Not `all`: each handler is flushed.
        let flush_all = || handlers.iter().filter(|handler| !handler.flush_until(deadline)).count() == 0;
        flush_all();
        // Once more, for records that a handler passed on to another.
        let is_flushed = flush_all();
        self.system.shared.backlog.wait_drained(deadline) && is_flushed
    }

    /// Writes all records so far and closes the handlers, at the end of `main`. `false`: that took longer than
    /// `within`.
    pub fn shutdown(&self, within: Duration) -> bool {
        let deadline = deadline(within);
        let handlers = self.system.tree().all_handlers();
        let flushed: Vec<_> = handlers.iter().filter(|handler| handler.flushes_on_close()).cloned().collect();
        let is_flushed = self.flush_handlers(&flushed, deadline);
        handlers.iter().for_each(|handler| handler.close());
        // Not `all`: each handler is waited for.
        let are_closed = handlers.iter().filter(|handler| !handler.wait_closed(deadline)).count() == 0;
        let shared = &self.system.shared;
        shared.backlog.stop();
        let are_stopped = shared.backlog.wait_stopped(deadline);
        for (name, waiting) in handlers.iter().map(|handler| (handler.name(), handler.stats().waiting)) {
            if waiting > 0 {
                shared.diagnostics.log(&format!("handler '{name}' did not write {waiting} records in time"));
            }
        }
        // Last, since closing handlers may report losses.
        shared.diagnostics.flush(deadline) && is_flushed && are_closed && are_stopped
    }

    fn canonical<'a>(&self, name: &'a str) -> Cow<'a, str> {
        canonical(name, self.system.shared.dialect)
    }

    pub(crate) fn system(&self) -> &Arc<System> {
        &self.system
    }

    pub(crate) fn classes(&self) -> &ClassRegistry {
        &self.registrations.classes
    }

    pub(crate) fn configurators(&self) -> &BTreeMap<String, Configurator> {
        &self.registrations.configurators
    }

    #[cfg(feature = "mail")]
    pub(crate) fn mail(&self) -> &MailContext {
        &self.registrations.mail
    }
}

/// Two handles are equal if they are clones.
impl PartialEq for Logging {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.system, &other.system)
    }
}

impl Eq for Logging {}

impl fmt::Debug for Logging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logging").field("dialect", &self.system.shared.dialect).finish_non_exhaustive()
    }
}
