//! All attributes of a record as texts.

use crate::formatters::attribute::Attribute;
use crate::formatters::context::FormatContext;
use crate::formatters::escape::Escaping;
use crate::formatters::message::message_or_unfilled;
use crate::formatters::python_text;
use crate::formatters::spec::Spec;
use crate::formatters::traceback;
use crate::record::Record;

/// In the order of the `__dict__` of Python's records.
const NAMES: [&str; 19] = [
    "name",
    "msg",
    "args",
    "levelname",
    "levelno",
    "pathname",
    "filename",
    "module",
    "stack_info",
    "lineno",
    "funcName",
    "created",
    "msecs",
    "relativeCreated",
    "thread",
    "threadName",
    "processName",
    "process",
    "taskName",
];

/// The attributes of a record under Python's names, its filled message, its trace, and its fields.
pub(crate) fn attributes(record: &Record, context: &FormatContext) -> Vec<(String, String)> {
    let of_name = |name: &str| {
        let value = Attribute::named(name).of(record, context)?;
        let mut text = String::new();
        Spec::default().write(&mut text, &value).ok()?;
        Some((name.to_owned(), text))
    };
    let mut all: Vec<_> = NAMES.into_iter().filter_map(of_name).collect();
    all.push(("message".to_owned(), message_or_unfilled(record).into_owned()));
    if record.error.is_some() {
        let mut text = String::new();
        traceback::write(&mut text, record, Escaping::None);
        all.push(("exc_text".to_owned(), text));
    }
    if record.trace.is_some() {
        all.extend(["trace_id", "span_id"].into_iter().filter_map(of_name));
    }
    let fields = record.fields().iter().map(|(key, value)| (key.to_string(), python_text::str(value).into_owned()));
    all.extend(fields);
    all
}
