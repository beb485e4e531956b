//! The trait of formatters.

use std::sync::Arc;

use crate::formatters::FormatError;
use crate::record::Record;

/// Turns records into text. Every `Fn(&Record) -> Result<String, FormatError>` is a formatter.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::{Formatter, message};
/// use opencensus_logging::{Level, Record};
///
/// let formatter = |record: &Record| Ok(message(record)?.to_uppercase());
/// let mut line = String::new();
/// formatter.format(&Record::new("shop".into(), Level::INFO, "a chair"), &mut line)?;
/// assert_eq!(line, "A CHAIR");
/// # Ok::<(), opencensus_logging::formatters::FormatError>(())
/// ```
pub trait Formatter: Send + Sync {
    /// Appends the text of the record, without a line feed at its end.
    ///
    /// # Errors
    ///
    /// The record cannot be written in this format. The handler counts it as failed.
    fn format(&self, record: &Record, out: &mut String) -> Result<(), FormatError>;

    /// The formatter that a handler uses in place of this one if its own target is a terminal. Default: this one.
    fn for_terminal(&self) -> Option<Arc<dyn Formatter>> {
        None
    }
}

impl<F> Formatter for F
where
    F: Fn(&Record) -> Result<String, FormatError> + Send + Sync,
{
    fn format(&self, record: &Record, out: &mut String) -> Result<(), FormatError> {
        out.push_str(&self(record)?);
        Ok(())
    }
}
