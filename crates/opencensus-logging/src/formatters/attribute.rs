//! Attributes of a record that a format can name.

use std::borrow::Cow;
use std::time::UNIX_EPOCH;

use serde_json::Value;

use crate::formatters::context::FormatContext;
use crate::formatters::field_value::FieldValue;
use crate::formatters::python_text;
use crate::record::Record;

/// An attribute that a format names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Attribute {
    Args,
    AscTime,
    Created,
    ExcText,
    FileName,
    FuncName,
    LevelName,
    LevelNo,
    LineNo,
    Message,
    Module,
    Msecs,
    Msg,
    Name,
    PathName,
    Process,
    ProcessName,
    RelativeCreated,
    Span,
    SpanId,
    Spans,
    StackInfo,
    TaskName,
    Thread,
    ThreadName,
    TraceId,
    /// A field of the application, or one that only some formatters know.
    Field(String),
}

impl Attribute {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "args" => Self::Args,
            "asctime" => Self::AscTime,
            "created" => Self::Created,
            "exc_info" | "exc_text" => Self::ExcText,
            "filename" => Self::FileName,
            "funcName" => Self::FuncName,
            "levelname" => Self::LevelName,
            "levelno" => Self::LevelNo,
            "lineno" => Self::LineNo,
            "message" => Self::Message,
            "module" => Self::Module,
            "msecs" => Self::Msecs,
            "msg" => Self::Msg,
            "name" => Self::Name,
            "pathname" => Self::PathName,
            "process" => Self::Process,
            "processName" => Self::ProcessName,
            "relativeCreated" => Self::RelativeCreated,
            "span" => Self::Span,
            "span_id" => Self::SpanId,
            "spans" => Self::Spans,
            "stack_info" => Self::StackInfo,
            "taskName" => Self::TaskName,
            "thread" => Self::Thread,
            "threadName" => Self::ThreadName,
            "trace_id" => Self::TraceId,
            other => Self::Field(other.to_owned()),
        }
    }

    /// The record's value, except for message, time and error, which have to be formatted first. `None`: the record has
    /// no such field.
    pub(crate) fn of<'a>(&self, record: &'a Record, context: &FormatContext) -> Option<FieldValue<'a>> {
        let text = |text: &'a str| FieldValue::Text(Cow::Borrowed(text));
        let or_nothing = |text: Option<String>| text.map_or(FieldValue::Nothing, |text| FieldValue::Text(text.into()));
        Some(match self {
            Self::Args => FieldValue::Repr(args(record)),
            Self::Created => FieldValue::Float(seconds(record)),
            Self::FileName => text(record.source.file_name()),
            Self::FuncName => text(record.source.function.as_deref().unwrap_or("(unknown function)")),
            Self::LevelName => text(&record.level_name),
            Self::LevelNo => FieldValue::Integer(record.level.number().into()),
            Self::LineNo => FieldValue::Integer(record.source.line.into()),
            Self::Module => text(record.source.module()),
            Self::Msecs => FieldValue::Float((seconds_and_millis(record).1).into()),
            Self::Msg => text(&record.message),
            Self::Name => text(&record.logger),
            Self::PathName => text(&record.source.path),
            Self::Process => FieldValue::Integer(context.process_id().into()),
            Self::ProcessName => FieldValue::Text(Cow::Owned(context.process.name.clone())),
            Self::RelativeCreated => FieldValue::Float(relative_millis(record, context)),
            Self::Span => or_nothing(record.spans.last().map(ToString::to_string)),
            Self::Spans => FieldValue::Text(record.spans.join(":").into()),
            Self::SpanId => or_nothing(record.trace.map(|trace| trace.span_id_hex().to_string())),
            Self::TraceId => or_nothing(record.trace.map(|trace| trace.trace_id_hex().to_string())),
            Self::StackInfo => record.stack.as_deref().map_or(FieldValue::Nothing, text),
            Self::TaskName => record.task.as_deref().map_or(FieldValue::Nothing, text),
            Self::Thread => FieldValue::Integer(record.thread.id.into()),
            Self::ThreadName => text(&record.thread.name),
            Self::ExcText if record.error.is_none() => FieldValue::Nothing,
            Self::Field(name) => value(record.field(name)?),
            Self::AscTime | Self::ExcText | Self::Message => return None,
        })
    }
}

/// The value of a field.
pub(crate) fn value(value: &Value) -> FieldValue<'_> {
    match value {
        Value::Null => FieldValue::Nothing,
        Value::Bool(flag) => FieldValue::Bool(*flag),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), ..) => FieldValue::Integer(number.into()),
            (_, Some(number), _) => FieldValue::Integer(number.into()),
            (.., number) => FieldValue::Float(number.unwrap_or_default()),
        },
        Value::String(text) => FieldValue::Text(Cow::Borrowed(text)),
        other => FieldValue::Repr(python_text::repr(other)),
    }
}

/// The values of the message, as Python writes a tuple.
pub(crate) fn args(record: &Record) -> String {
    use crate::record::Args;
    match &record.args {
        None => "()".to_owned(),
        Some(Args::Positional(values)) => python_text::repr_tuple(values),
        Some(Args::Named(values)) => python_text::repr(&Value::Object(values.clone())),
    }
}

fn since_epoch(record: &Record) -> std::time::Duration {
    record.created.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Seconds since 1970, with microseconds.
fn seconds(record: &Record) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "2^53 microseconds are 285 years")]
    let micros = since_epoch(record).as_micros() as f64;
    micros / 1e6
}

/// Seconds since 1970, and milliseconds beyond them.
fn seconds_and_millis(record: &Record) -> (u64, u32) {
    let since = since_epoch(record);
    (since.as_secs(), since.subsec_millis())
}

/// Milliseconds since the process started.
fn relative_millis(record: &Record, context: &FormatContext) -> f64 {
    let since = record.created.duration_since(context.process.start).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "2^53 microseconds are 285 years")]
    let micros = since.as_micros() as f64;
    micros / 1e3
}
