//! Who says something.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::Value;

use crate::error::LoggedError;
use crate::level::Level;
use crate::logging::System;
use crate::record::{Args, Record, Source};
use crate::registry::{Node, Route};

/// Says things under a name. Cheap to clone, and to hold: a disabled call is a look at one number.
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
    node: Arc<Node>,
    system: Arc<System>,
}

macro_rules! levels {
    ($($method:ident $level:ident $what:literal),*) => {
        $(#[doc = concat!("Says ", $what, ".")]
        #[track_caller]
        #[inline]
        pub fn $method(&self, message: impl Into<Cow<'static, str>>) {
            if self.is_enabled_for(Level::$level) {
                self.say(Level::$level, message.into(), Location::caller());
            }
        })*
    };
}

impl Logger {
    pub(crate) fn new(node: Arc<Node>, system: Arc<System>) -> Self {
        Self { node, system }
    }

    /// Its name, with dots; the root's is `root`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.node.name
    }

    /// Whether a record of this level would go anywhere.
    #[must_use]
    #[inline]
    pub fn is_enabled_for(&self, level: Level) -> bool {
        self.node.is_enabled(level)
    }

    levels! {
        debug DEBUG "a detail for whoever looks for a fault",
        info INFO "that something is as it should be",
        warning WARNING "that something is worth a look",
        error ERROR "that something failed",
        critical CRITICAL "that nothing goes on"
    }

    /// Says something of any level.
    #[track_caller]
    #[inline]
    pub fn log(&self, level: Level, message: impl Into<Cow<'static, str>>) {
        if self.is_enabled_for(level) {
            self.say(level, message.into(), Location::caller());
        }
    }

    /// Says that this error came, at ERROR: its own words, and its causes. For words of one's own:
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

    /// Begins a record with more than words.
    #[track_caller]
    #[must_use = "nothing is said before `log`"]
    pub fn at(&self, level: Level) -> Entry<'_> {
        let is_enabled = self.is_enabled_for(level);
        let record = is_enabled.then(|| self.record(level, Cow::Borrowed(""), Location::caller()));
        Entry { logger: self, record }
    }

    fn say(&self, level: Level, message: Cow<'static, str>, location: &'static Location<'static>) {
        self.handle(self.record(level, message, location));
    }

    fn record(&self, level: Level, message: Cow<'static, str>, location: &'static Location<'static>) -> Record {
        let mut record = self.new_record(level, message);
        record.source = Source::from(location);
        record
    }

    /// A record of this logger, of now, to be [handled](Self::handle).
    #[must_use]
    pub fn new_record(&self, level: Level, message: impl Into<Cow<'static, str>>) -> Record {
        let shared = &self.system.shared;
        let mut record = Record::new(Arc::clone(&self.node.name), level, message);
        record.trace = (shared.trace)();
        if let Some(name) = shared.given_name(level) {
            record.level_name = name.into();
        }
        record
    }

    /// Sends a record on its way: past this logger's level and filters, to its handlers and those above.
    ///
    /// # Panics
    ///
    /// In [Python's dialect](crate::Dialect::Python), if a filter or a handler does.
    pub fn handle(&self, record: Record) {
        let route = self.node.route();
        // The configuration may have changed since somebody looked.
        if record.level.number() < route.threshold {
            return;
        }
        if self.system.shared.dialect.lets_panics_out() {
            return self.walk(&route, record);
        }
        let Some(_handling) = Handling::begin() else {
            self.system.shared.recursive.fetch_add(1, Ordering::Relaxed);
            return;
        };
        self.walk(&route, record);
    }

    fn walk(&self, route: &Route, record: Record) {
        let mut record = Arc::new(record);
        if !crate::filters::pass(&route.filters, &mut record, &self.system.shared) {
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

/// A record that is being put together.
#[derive(Debug)]
#[must_use = "nothing is said before `log`"]
pub struct Entry<'a> {
    logger: &'a Logger,
    // `None`: nobody wants to hear it.
    record: Option<Record>,
}

impl Entry<'_> {
    /// A field, for formats and filters. One of [`RESERVED`](crate::RESERVED) gets `_` behind it.
    pub fn field(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        if let Some(record) = &mut self.record {
            record.set_field(key, value);
        }
        self
    }

    /// The error that it is about.
    pub fn error(mut self, error: impl Into<LoggedError>) -> Self {
        if let Some(record) = &mut self.record {
            record.error = Some(error.into());
        }
        self
    }

    /// Values for the places in the message, `%s` and the like. The message itself stays the same for all of them,
    /// which is what tells one kind of record from another.
    pub fn args<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        if let Some(record) = &mut self.record {
            record.args = Some(Args::Positional(values.into_iter().map(Into::into).collect()));
        }
        self
    }

    /// Another place in the program than the call.
    pub fn source(mut self, source: Source) -> Self {
        if let Some(record) = &mut self.record {
            record.source = source;
        }
        self
    }

    /// Says it.
    pub fn log(self, message: impl Into<Cow<'static, str>>) {
        if let Some(mut record) = self.record {
            record.message = message.into();
            self.logger.handle(record);
        }
    }
}

thread_local!(static IS_HANDLING: Cell<bool> = const { Cell::new(false) });

/// A handler that logs must not be handed its own words.
pub(crate) struct Handling;

impl Handling {
    pub(crate) fn begin() -> Option<Self> {
        let was_handling = IS_HANDLING.try_with(|is_handling| is_handling.replace(true)).unwrap_or(false);
        // Not `then_some`: a guard that is made and dropped would end the other's.
        if was_handling { None } else { Some(Self) }
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        let _ = IS_HANDLING.try_with(|is_handling| is_handling.set(false));
    }
}
