//! Names that fields of a record cannot have.

/// A field was not set, because its key is the name of an attribute that every record has.
///
/// # Examples
///
/// ```
/// use opencensus_logging::{Level, Record};
///
/// let mut record = Record::new("shop".into(), Level::INFO, "a chair");
/// let error = record.try_set_field("lineno", 7).unwrap_err();
/// assert!(error.to_string().starts_with("`lineno` is an attribute of every record"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is an attribute of every record; choose another name for the field")]
pub struct ReservedField(pub(super) String);

/// Names that no field can have: every record has an attribute of that name.
pub const RESERVED: [&str; 27] = [
    "args",
    "asctime",
    "created",
    "exc_info",
    "exc_text",
    "filename",
    "funcName",
    "levelname",
    "levelno",
    "lineno",
    "message",
    "module",
    "msecs",
    "msg",
    "name",
    "pathname",
    "process",
    "processName",
    "relativeCreated",
    "span",
    "span_id",
    "spans",
    "stack_info",
    "taskName",
    "thread",
    "threadName",
    "trace_id",
];
