//! One JSON object per line.

use std::borrow::Cow;

use jiff::Timestamp;
use opencensus_settings::quote::is_deceptive;
use serde_json::Value;

use crate::formatters::format_error::FormatError;
use crate::formatters::formatter::Formatter;
use crate::formatters::json_object::JsonObject;
use crate::formatters::message::message_or_unfilled;
use crate::record::Record;

/// Formats a record as one line of JSON: `timestamp` (RFC 3339, UTC, microseconds), `level`, `logger`, `message`, and
/// where they are known `template`, `trace_id`, `span_id`, `spans`, `error` (type, message and cause), `file`, `line`;
/// the application's fields below `fields`.
///
/// Characters that a terminal would act on are escaped as in JSON: a parser restores them.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::{Formatter, JsonFormatter};
/// use opencensus_logging::{Level, Record};
///
/// let mut record = Record::new("shop".into(), Level::INFO, "a chair");
/// record.set_field("left", 3);
/// let mut line = String::new();
/// JsonFormatter::new().format(&record, &mut line)?;
/// assert!(line.contains(r#""fields":{"left":3}"#));
/// # Ok::<(), opencensus_logging::formatters::FormatError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct JsonFormatter {
    flat: bool,
}

impl JsonFormatter {
    /// A formatter that writes the application's fields below `fields`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the application's fields beside the other keys, instead of below `fields`. A field whose name is taken
    /// gets a `_` appended. Default: below.
    #[must_use]
    pub fn with_flat_fields(mut self, flat: bool) -> Self {
        self.flat = flat;
        self
    }
}

impl Formatter for JsonFormatter {
    fn format(&self, record: &Record, out: &mut String) -> Result<(), FormatError> {
        let mut line = JsonObject::default();
        let time = Timestamp::try_from(record.created).map_err(|_| FormatError::Time("RFC 3339".to_owned()))?;
        line.push("timestamp", format!("{time:.6}"));
        line.push("level", &*record.level_name);
        line.push("logger", &*record.logger);
        line.push("message", message_or_unfilled(record));
        if record.args.is_some() {
            line.push("template", &*record.message);
        }
        if let Some(trace) = record.trace {
            line.push("trace_id", trace.trace_id_hex().to_string());
            line.push("span_id", trace.span_id_hex().to_string());
        }
        if !record.spans.is_empty() {
            line.push("spans", record.spans.iter().map(|span| Value::from(&**span)).collect::<Value>());
        }
        if let Some(error) = &record.error {
            line.push_object("error", error_object(error));
        }
        if !record.source.path.is_empty() {
            line.push("file", &*record.source.path);
            if record.source.line > 0 {
                line.push("line", record.source.line);
            }
        }
        self.add_fields(&mut line, record);
        push_escaped(out, &line.finish());
        Ok(())
    }
}

impl JsonFormatter {
    fn add_fields(&self, line: &mut JsonObject, record: &Record) {
        if record.fields().is_empty() {
            return;
        }
        if self.flat {
            for (key, value) in record.fields() {
                let mut key = Cow::Borrowed(&**key);
                while line.has(&key) {
                    key.to_mut().push('_');
                }
                line.push(&key, value.clone());
            }
            return;
        }
        let mut fields = JsonObject::default();
        for (key, value) in record.fields() {
            fields.push(key, value.clone());
        }
        line.push_object("fields", fields);
    }
}

/// The error with its causes nested inside.
fn error_object(error: &crate::error::LoggedError) -> JsonObject {
    let mut cause = None;
    let chain = error.chain();
    for (at, link) in chain.into_iter().enumerate().rev() {
        let mut object = JsonObject::default();
        if let Some(type_name) = link.type_name {
            object.push("type", type_name.into_owned());
        }
        object.push("message", link.message);
        if let Some(cause) = cause.take() {
            object.push_object("cause", cause);
        }
        if let (0, Some(backtrace)) = (at, error.backtrace()) {
            object.push("backtrace", backtrace);
        }
        cause = Some(object);
    }
    cause.unwrap_or_default()
}

/// Appends JSON with escapes for characters that a terminal would act on. They occur in strings alone, where an escape
/// has the same meaning.
fn push_escaped(out: &mut String, json: &str) {
    use std::fmt::Write as _;
    for c in json.chars() {
        if is_deceptive(c) || ('\u{7f}'..='\u{9f}').contains(&c) {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
}
