//! From a record to a text.
//!
//! - [`StandardFormatter`]: formats as Python's, in three styles.
//! - [`JsonFormatter`]: one JSON object a line.
//! - [`HumanFormatter`]: for the terminal of whoever develops, in colours.
//!
//! Control characters, escape sequences of terminals and characters that change the order of a line are escaped
//! here, once, unless the [dialect](crate::Dialect) is Python's. What a format itself holds stays as it is.

mod attribute;
mod context;
mod escape;
mod human;
mod json;
mod message;
mod pattern;
mod placeholders;
mod python_text;
mod spec;
mod standard;
mod traceback;

pub(crate) use attribute::args;
pub(crate) use context::FormatContext;
pub use context::ProcessInfo;
pub(crate) use escape::Escaping;
pub use human::{Colour, HumanFormatter};
pub use json::JsonFormatter;
pub use message::message;
pub use pattern::Style;
pub(crate) use python_text::{repr, str as text_of};
pub use spec::FormatError;
pub use standard::StandardFormatter;

#[cfg(feature = "mail")]
pub(crate) use traceback::write as write_error;

use crate::record::Record;

/// Turns records into texts.
///
/// Every `Fn(&Record) -> Result<String, FormatError>` is one.
pub trait Formatter: Send + Sync {
    /// Appends the record's text, without a line feed at its end.
    ///
    /// # Errors
    ///
    /// The record cannot be written in this form. It is counted as lost by the handler.
    fn format(&self, record: &Record, out: &mut String) -> Result<(), FormatError>;
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
