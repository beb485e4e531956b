//! One JSON object per line.

use jiff::Timestamp;
use opencensus_settings::quote::is_deceptive;
use serde_json::{Map, Value};

use crate::formatters::{FormatError, Formatter, message_or_unfilled};
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
        let mut line = Map::new();
        let time = Timestamp::try_from(record.created).map_err(|_| FormatError::Time("RFC 3339".to_owned()))?;
        line.insert("timestamp".into(), format!("{time:.6}").into());
        line.insert("level".into(), (&*record.level_name).into());
        line.insert("logger".into(), (&*record.logger).into());
        line.insert("message".into(), message_or_unfilled(record).into());
        if record.args.is_some() {
            line.insert("template".into(), (&*record.message).into());
        }
        if let Some(trace) = record.trace {
            line.insert("trace_id".into(), trace.trace_id_hex().to_string().into());
            line.insert("span_id".into(), trace.span_id_hex().to_string().into());
        }
        if !record.spans.is_empty() {
            line.insert("spans".into(), record.spans.iter().map(|span| Value::from(&**span)).collect());
        }
        if let Some(error) = &record.error {
            line.insert("error".into(), error_value(error));
        }
        if !record.source.path.is_empty() {
            line.insert("file".into(), (&*record.source.path).into());
            if record.source.line > 0 {
                line.insert("line".into(), record.source.line.into());
            }
        }
        self.add_fields(&mut line, record);
        push_escaped(out, &Value::Object(line).to_string());
        Ok(())
    }
}

impl JsonFormatter {
    fn add_fields(&self, line: &mut Map<String, Value>, record: &Record) {
        if record.fields().is_empty() {
            return;
        }
        let fields = record.fields().iter().map(|(key, value)| (key.to_string(), value.clone()));
        if !self.flat {
            line.insert("fields".into(), Value::Object(fields.collect()));
            return;
        }
        for (key, value) in fields {
            let key = if line.contains_key(&key) { format!("{key}_") } else { key };
            line.insert(key, value);
        }
    }
}

/// The error with its causes nested inside.
fn error_value(error: &crate::error::LoggedError) -> Value {
    let mut cause = Value::Null;
    for link in error.chain().into_iter().rev() {
        let mut object = Map::new();
        if let Some(type_name) = link.type_name {
            object.insert("type".into(), type_name.into_owned().into());
        }
        object.insert("message".into(), link.message.into());
        if !cause.is_null() {
            object.insert("cause".into(), cause);
        }
        cause = Value::Object(object);
    }
    if let (Some(backtrace), Value::Object(object)) = (error.backtrace(), &mut cause) {
        object.insert("backtrace".into(), backtrace.into());
    }
    cause
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
