//! Formats a record as a line.

use crate::formatters::Formatter;
use crate::handler_error::HandlerError;
use crate::record::Record;

/// The formatted record with its terminator.
pub(crate) fn line(formatter: &dyn Formatter, record: &Record, terminator: &str) -> Result<String, HandlerError> {
    let mut text = String::new();
    formatter.format(record, &mut text)?;
    text.push_str(terminator);
    Ok(text)
}
