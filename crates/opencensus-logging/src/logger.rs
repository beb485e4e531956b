//! Loggers.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::Value;

use crate::error::LoggedError;
use crate::filters::all_pass;
use crate::level::Level;
use crate::record::{Args, Record, Source};
use crate::reentrancy::ReentrancyGuard;
use crate::registry::{LoggerNode, LoggerRoute};
use crate::system::System;

/// Logs records under a name. A logger is cheap to clone and to keep: a call whose level is disabled compares two
/// numbers.
///
/// # Examples
///
/// ```
/// use opencensus_logging::{Level, get_logger};
///
/// let logger = get_logger("shop.cart");
/// logger.info("a chair was added");
/// logger.at(Level::WARNING).field("chairs", 3).log("hardly any chairs left");
/// if let Err(error) = "x".parse::<u8>() {
///     logger.exception(error);
/// }
/// ```
#[derive(Clone)]
pub struct Logger {
    node: Arc<LoggerNode>,
    system: Arc<System>,
}

macro_rules! levels {
    ($($method:ident $level:ident $what:literal),*) => {
        $(#[doc = concat!("Logs a message at `", stringify!($level), "`: ", $what, ".")]
        #[track_caller]
        #[inline]
        pub fn $method(&self, message: impl Into<Cow<'static, str>>) {
            if self.is_enabled_for(Level::$level) {
                self.write(Level::$level, message.into(), Location::caller());
            }
        })*
    };
}

impl Logger {
    pub(crate) fn new(node: Arc<LoggerNode>, system: Arc<System>) -> Self {
        Self { node, system }
    }

    /// The logger's name, with dots; the root's name is `root`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.node.name
    }

    /// Whether a record of this level would be handled.
    #[must_use]
    #[inline]
    pub fn is_enabled_for(&self, level: Level) -> bool {
        self.node.is_enabled(level)
    }

    levels! {
        debug DEBUG "details for debugging",
        info INFO "normal operation",
        warning WARNING "something unexpected that the program handles",
        error ERROR "an operation failed",
        critical CRITICAL "the program, or a large part of it, cannot continue"
    }

    /// Logs a message at any level.
    #[track_caller]
    #[inline]
    pub fn log(&self, level: Level, message: impl Into<Cow<'static, str>>) {
        if self.is_enabled_for(level) {
            self.write(level, message.into(), Location::caller());
        }
    }

    /// Logs an error at ERROR, with its own message and its causes. For another message use
    /// `logger.at(Level::ERROR).error(error).log("…")`.
    #[track_caller]
    pub fn exception(&self, error: impl Into<LoggedError>) {
        if self.is_enabled_for(Level::ERROR) {
            let error = error.into();
            let mut record = self.record(Level::ERROR, error.error().to_string().into(), Location::caller());
            record.error = Some(error);
            self.handle(record);
        }
    }

    /// Begins a record with fields, an error, or values for the message, which [`RecordBuilder::log`] logs.
    #[track_caller]
    #[must_use = "nothing is logged before `log` is called"]
    pub fn at(&self, level: Level) -> RecordBuilder<'_> {
        // Not in a closure, which would be the caller.
        let location = Location::caller();
        let record = self.is_enabled_for(level).then(|| self.record(level, Cow::Borrowed(""), location));
        RecordBuilder { logger: self, record }
    }

    fn write(&self, level: Level, message: Cow<'static, str>, location: &'static Location<'static>) {
        self.handle(self.record(level, message, location));
    }

    fn record(&self, level: Level, message: Cow<'static, str>, location: &'static Location<'static>) -> Record {
        let shared = &self.system.shared;
        let mut record = Record::new(Arc::clone(&self.node.name), level, message);
        record.source = Source::from(location);
        record.trace = (shared.current_trace)();
        if let Some(name) = shared.level_names.custom_name(level) {
            record.level_name = name.into();
        }
        record
    }

    /// A record of this logger, with the current time and the caller's place, for [`handle`](Self::handle).
    #[track_caller]
    #[must_use]
    pub fn new_record(&self, level: Level, message: impl Into<Cow<'static, str>>) -> Record {
        self.record(level, message.into(), Location::caller())
    }

    /// Passes a record through this logger's level and filters to its handlers, and to those of the loggers above.
    ///
    /// # Panics
    ///
    /// In [Python's dialect](crate::Dialect::Python), if a filter or a handler panics.
    pub fn handle(&self, record: Record) {
        let route = self.node.route();
        // The configuration may have changed since the caller checked the level.
        if record.level.number() < route.threshold {
            return;
        }
        if self.system.shared.dialect.propagates_panics() {
            return self.deliver(&route, record);
        }
        let Some(_guard) = ReentrancyGuard::enter() else {
            self.system.shared.recursive.fetch_add(1, Ordering::Relaxed);
            return;
        };
        self.deliver(&route, record);
    }

    fn deliver(&self, route: &LoggerRoute, record: Record) {
        let mut record = Arc::new(record);
        if !all_pass(&route.filters, &mut record, &self.system.shared) {
            return;
        }
        if route.handlers.is_empty() {
            return self.system.handle_without_handlers(&mut record);
        }
        for handler in &route.handlers {
            if record.level >= handler.level() {
                handler.handle(&mut record);
            }
        }
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Logger").field(&self.name()).finish()
    }
}

/// Builds a record with fields, an error, or values for the message.
///
/// # Examples
///
/// ```
/// use opencensus_logging::{Level, get_logger};
///
/// let logger = get_logger("shop.cart");
/// logger.at(Level::INFO).field("chair", "red").args(["ann", "3"]).log("%s bought %s chairs");
/// ```
#[derive(Debug)]
#[must_use = "nothing is logged before `log` is called"]
pub struct RecordBuilder<'a> {
    logger: &'a Logger,
    // `None`: the level is disabled.
    record: Option<Record>,
}

impl RecordBuilder<'_> {
    /// Adds a field, for formats and filters. A key that is one of [`RESERVED`](crate::RESERVED) gets a `_` appended.
    pub fn field(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        if let Some(record) = &mut self.record {
            record.set_field(key, value);
        }
        self
    }

    /// Sets the error that the record is about.
    pub fn error(mut self, error: impl Into<LoggedError>) -> Self {
        if let Some(record) = &mut self.record {
            record.error = Some(error.into());
        }
        self
    }

    /// Sets the values for the placeholders of the message, such as `%s`. The message itself is the same for all
    /// records of a kind, by which they can be grouped.
    pub fn args<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        if let Some(record) = &mut self.record {
            record.args = Some(Args::Positional(values.into_iter().map(Into::into).collect()));
        }
        self
    }

    /// Sets the place in the source code. Default: the call of [`Logger::at`].
    pub fn source(mut self, source: Source) -> Self {
        if let Some(record) = &mut self.record {
            record.source = source;
        }
        self
    }

    /// Logs the record with this message.
    pub fn log(self, message: impl Into<Cow<'static, str>>) {
        if let Some(mut record) = self.record {
            record.message = message.into();
            self.logger.handle(record);
        }
    }
}
