//! What handlers that write lines write.

use crate::formatters::Formatter;
use crate::handlers::HandlerError;
use crate::record::Record;

/// A record as a handler writes it: formatted, and ended.
pub(crate) fn line(formatter: &dyn Formatter, record: &Record, terminator: &str) -> Result<String, HandlerError> {
    let mut text = String::new();
    formatter.format(record, &mut text)?;
    text.push_str(terminator);
    Ok(text)
}
