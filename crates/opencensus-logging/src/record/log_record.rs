//! A log record.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value;

#[cfg(feature = "core")]
use crate::deferred_report::DeferredReport;
use crate::error::LoggedError;
use crate::level::Level;
use crate::record::{Args, RESERVED, ReservedField, Source, ThreadInfo, Trace};
#[cfg(feature = "core")]
use crate::request_report::RequestReport;

/// A log record: message, level, logger, time and place, with the error and the request that it is about. Python's
/// equivalent is [`LogRecord`](https://docs.python.org/3/library/logging.html#logrecord-attributes).
///
/// Filters and handlers share records. To change a shared one, use [`Arc::make_mut`], which copies it.
///
/// # Examples
///
/// ```
/// use opencensus_logging::{Level, get_logger};
///
/// let logger = get_logger("shop.cart");
/// let mut record = logger.new_record(Level::WARNING, "hardly any chairs left");
/// record.set_field("chairs", 3);
/// logger.handle(record);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record {
    /// The logger's name.
    pub logger: Arc<str>,
    /// The severity.
    pub level: Level,
    /// The level's name.
    pub level_name: Cow<'static, str>,
    /// The message, with placeholders for [`args`](Self::args).
    pub message: Cow<'static, str>,
    /// Values for the placeholders of the message, such as `%s`. `None`: the message has no placeholders.
    pub args: Option<Args>,
    /// The error that the record is about.
    pub error: Option<LoggedError>,
    /// The stack of calls that led to the record, as text.
    pub stack: Option<Arc<str>>,
    /// The place in the source code.
    pub source: Source,
    /// The time of the record.
    pub created: SystemTime,
    /// The thread that logged the record.
    pub thread: Arc<ThreadInfo>,
    /// The name of the task that logged the record, if it has one.
    pub task: Option<Arc<str>>,
    /// The trace of the current request.
    pub trace: Option<Trace>,
    /// Names of the `tracing` spans around the record, the outermost first.
    pub spans: Arc<[SpanName]>,
    /// Whether the record is an event of `tracing`.
    pub is_tracing_event: bool,
    /// The whole request, for error reports; formatters do not show it.
    #[cfg(feature = "core")]
    pub request: Option<Arc<DeferredReport>>,
    fields: Vec<(Cow<'static, str>, Value)>,
}

/// The name of a span.
pub type SpanName = Cow<'static, str>;

impl Record {
    /// A record of the current time and thread, and of the caller's place in the source.
    #[track_caller]
    #[must_use]
    pub fn new(logger: Arc<str>, level: Level, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            logger,
            level,
            level_name: level.name(),
            message: message.into(),
            args: None,
            error: None,
            stack: None,
            source: Source::from(std::panic::Location::caller()),
            created: SystemTime::now(),
            thread: ThreadInfo::current(),
            task: None,
            trace: None,
            spans: no_spans(),
            is_tracing_event: false,
            #[cfg(feature = "core")]
            request: None,
            fields: Vec::new(),
        }
    }

    /// Changes the level, and its name.
    pub fn set_level(&mut self, level: Level) {
        self.level = level;
        self.level_name = level.name();
    }

    /// The request that the record is about: its method, path, headers, peer and user. `None` for other records, and if no
    /// code [may read](crate::Logging::reads_requests) requests. It contains secrets.
    ///
    /// # Examples
    ///
    /// A filter that drops records about requests of a monitor:
    ///
    /// ```
    /// use opencensus_logging::filters::CallbackFilter;
    ///
    /// let filter = CallbackFilter::new(|record| {
    ///     let agent = record.request().and_then(|request| request.header("user-agent"));
    ///     agent != Some("monitor")
    /// });
    /// ```
    #[cfg(feature = "core")]
    #[must_use]
    pub fn request(&self) -> Option<&RequestReport> {
        self.request.as_deref().map(DeferredReport::get)
    }

    /// The fields that the application added, in the order in which it added them.
    #[must_use]
    pub fn fields(&self) -> &[(Cow<'static, str>, Value)] {
        &self.fields
    }

    /// The value of a field that the application added.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Value> {
        self.fields.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Adds a field, or replaces it.
    ///
    /// # Errors
    ///
    /// The key is one of [`RESERVED`], the names of attributes that every record has.
    pub fn try_set_field(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<Value>,
    ) -> Result<(), ReservedField> {
        let key = key.into();
        if RESERVED.contains(&&*key) {
            return Err(ReservedField(key.into_owned()));
        }
        self.put(key, value.into());
        Ok(())
    }

    /// Adds a field, or replaces it. A key that is one of [`RESERVED`] gets a `_` appended.
    pub fn set_field(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let key = key.into();
        let key = if RESERVED.contains(&&*key) { Cow::Owned(format!("{key}_")) } else { key };
        self.put(key, value.into());
    }

    fn put(&mut self, key: Cow<'static, str>, value: Value) {
        match self.fields.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => self.fields.push((key, value)),
        }
    }
}

/// Records outside of all spans share one empty list.
fn no_spans() -> Arc<[SpanName]> {
    thread_local!(static NONE: Arc<[SpanName]> = Arc::from([]));
    NONE.try_with(Arc::clone).unwrap_or_else(|_| Arc::from([]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_keys_are_rejected_or_renamed() {
        let mut record = Record::new("a".into(), Level::INFO, "m");
        assert!(record.try_set_field("lineno", 1).is_err());
        record.set_field("lineno", 1);
        record.set_field("user", "ann");
        record.set_field("user", "bob");
        let fields: Vec<_> = record.fields().iter().map(|(key, value)| (&**key, value.clone())).collect();
        assert_eq!(fields, [("lineno_", 1.into()), ("user", "bob".into())]);
        assert!(RESERVED.is_sorted());
    }
}
