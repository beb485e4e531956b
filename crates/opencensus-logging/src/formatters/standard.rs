//! Python's formatter.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::formatters::attribute::{self, Attribute};
use crate::formatters::context::FormatContext;
use crate::formatters::field_path::FieldPath;
use crate::formatters::field_value::FieldValue;
use crate::formatters::format_error::FormatError;
use crate::formatters::pattern::Pattern;
use crate::formatters::style::Style;
use crate::formatters::{Formatter, message_in, misfits, traceback};
use crate::record::Record;

/// Python's [`Formatter`](https://docs.python.org/3/library/logging.html#formatter-objects): a format in one of
/// three styles, and a date format.
///
/// A field that a record lacks is written as it stands in the format, such as `%(user)s`, and the handler counts the
/// record as [`unfilled`](crate::handlers::HandlerStats::unfilled); in Python's dialect the record is lost.
///
/// Besides Python's attributes there are `trace_id` and `span_id` of the current request, `span` (the innermost span)
/// and `spans` (all spans, separated by `:`).
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::{Formatter, StandardFormatter, Style};
/// use opencensus_logging::{Level, Record};
///
/// let formatter = StandardFormatter::new("{levelname:<8}|{message}", Style::Brace)?;
/// let mut line = String::new();
/// formatter.format(&Record::new("shop".into(), Level::INFO, "no chairs\nleft"), &mut line)?;
/// assert_eq!(line, "INFO    |no chairs\\nleft");
/// # Ok::<(), opencensus_logging::formatters::FormatError>(())
/// ```
#[derive(Clone, Debug)]
pub struct StandardFormatter {
    pattern: Result<Pattern, FormatError>,
    date_format: Option<String>,
    default_date_format: &'static str,
    defaults: Map<String, Value>,
    context: Arc<FormatContext>,
}

const DATE_FORMAT: &str = "%Y-%m-%d %H:%M:%S";
/// The date format of Django's development server.
const SERVER_DATE_FORMAT: &str = "%d/%b/%Y %H:%M:%S";
/// A field that Django's development server puts on its records, and that `ServerFormatter` provides for others.
const SERVER_TIME: &str = "server_time";
/// The loggers of the server's lines.
const SERVER_LOGGERS: [&str; 2] = ["opencensus.server", "django.server"];

/// Whether the record is about a response, as those of the development server, which have a `server_time`.
fn is_server_line(record: &Record) -> bool {
    SERVER_LOGGERS.contains(&&*record.logger) && record.field("status_code").is_some()
}

impl StandardFormatter {
    /// A formatter with this format.
    ///
    /// # Errors
    ///
    /// The format is malformed, or names no field.
    pub fn new(format: &str, style: Style) -> Result<Self, FormatError> {
        Pattern::compile(format, style).map(Self::of)
    }

    /// A formatter that writes the message, and the error if there is one.
    #[must_use]
    pub fn message_only() -> Self {
        Self::of(Pattern::message())
    }

    /// A formatter whose format need not name a field. With a malformed format only messages are written, and in
    /// Python's dialect nothing.
    #[must_use]
    pub fn unchecked(format: &str, style: Style) -> Self {
        let mut formatter = Self::message_only();
        formatter.pattern = Pattern::unchecked(format, style);
        formatter
    }

    /// A formatter with this format, by Python's rules for a valid one.
    pub(crate) fn as_python(format: &str, style: Style) -> Result<Self, FormatError> {
        match Pattern::compile_as_python(format, style)? {
            Some(pattern) => Ok(Self::of(pattern)),
            None => Ok(Self::unchecked(format, style)),
        }
    }

    fn of(pattern: Pattern) -> Self {
        Self {
            pattern: Ok(pattern),
            date_format: None,
            default_date_format: DATE_FORMAT,
            defaults: Map::new(),
            context: Arc::new(FormatContext::default()),
        }
    }

    /// Sets the format of `asctime`, as for `strftime`. Default: `%Y-%m-%d %H:%M:%S`, a comma and milliseconds, in
    /// local time.
    #[must_use]
    pub fn with_date_format(mut self, format: impl Into<String>) -> Self {
        self.date_format = Some(format.into());
        self
    }

    /// Sets default values for fields that a record does not have.
    #[must_use]
    pub fn with_defaults(mut self, defaults: Map<String, Value>) -> Self {
        self.defaults = defaults;
        self
    }

    /// Provides the field `server_time`, in the date format of Django's development server, as
    /// `django.utils.log.ServerFormatter` does.
    #[must_use]
    pub fn for_server(mut self) -> Self {
        self.default_date_format = SERVER_DATE_FORMAT;
        self
    }

    pub(crate) fn with_context(mut self, context: Arc<FormatContext>) -> Self {
        self.context = context;
        self
    }

    /// The format. `None`: it is malformed, and the message is written in its place.
    fn pattern(&self, record: &Record, out: &mut String) -> Result<Option<&Pattern>, FormatError> {
        match &self.pattern {
            Ok(pattern) => Ok(Some(pattern)),
            Err(error) if self.context.is_strict => Err(error.clone()),
            Err(_) => {
                misfits::count();
                self.context.escaping.push(out, &message_in(&self.context, record)?);
                traceback::write(out, record, self.context.escaping);
                Ok(None)
            }
        }
    }

    fn time(&self, record: &Record) -> Result<String, FormatError> {
        if let Some(format) = &self.date_format {
            return self.context.time(record.created, format);
        }
        let since = record.created.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let time = self.context.time(record.created, self.default_date_format)?;
        Ok(format!("{time},{:03}", since.subsec_millis()))
    }

    fn part<'a>(
        &'a self,
        attribute: &Attribute,
        path: &FieldPath,
        record: &'a Record,
    ) -> Result<FieldValue<'a>, FormatError> {
        if path.is_empty() {
            return self.value(attribute, record);
        }
        match attribute {
            Attribute::Field(name) => match record.field(name).or_else(|| self.defaults.get(name)) {
                Some(field) => path.of(field),
                None => path.of_value(self.value(attribute, record)?),
            },
            _ => path.of_value(self.value(attribute, record)?),
        }
    }

    fn value<'a>(&'a self, attribute: &Attribute, record: &'a Record) -> Result<FieldValue<'a>, FormatError> {
        if let Some(value) = attribute.of(record, &self.context) {
            return Ok(value);
        }
        match attribute {
            Attribute::AscTime => self.time(record).map(|time| FieldValue::Text(time.into())),
            Attribute::Message => message_in(&self.context, record).map(FieldValue::Text),
            Attribute::Field(name) => match self.defaults.get(name) {
                Some(value) => Ok(attribute::value(value)),
                None if name == SERVER_TIME && is_server_line(record) => {
                    self.context.time(record.created, SERVER_DATE_FORMAT).map(|time| FieldValue::Text(time.into()))
                }
                None if name == SERVER_TIME && self.default_date_format == SERVER_DATE_FORMAT => {
                    self.time(record).map(|time| FieldValue::Text(time.into()))
                }
                None => Err(FormatError::MissingField(name.clone())),
            },
            _ => {
                let mut text = String::new();
                traceback::write(&mut text, record, self.context.escaping);
                Ok(FieldValue::Text(Cow::Owned(text)))
            }
        }
    }
}

impl Formatter for StandardFormatter {
    fn format(&self, record: &Record, out: &mut String) -> Result<(), FormatError> {
        let Some(pattern) = self.pattern(record, out)? else { return Ok(()) };
        let escaping = self.context.escaping;
        let start = out.len();
        let push = |out: &mut String, text: &str| escaping.push(out, text);
        let value = |attribute: &Attribute, path: &FieldPath| self.part(attribute, path, record);
        pattern.write(out, self.context.is_strict, value, push).inspect_err(|_| out.truncate(start))?;
        if !pattern.names(&Attribute::ExcText) {
            traceback::write(out, record, escaping);
        }
        Ok(())
    }
}
