//! Formatters turn a record into text.
//!
//! - [`StandardFormatter`]: Python's formats, in three styles.
//! - [`JsonFormatter`]: one JSON object per line.
//! - [`HumanFormatter`]: for a developer's terminal, in colours.
//!
//! Control characters, escape sequences of terminals and characters that change the order of a line are escaped here,
//! once, unless the [dialect](crate::Dialect) is Python's. The text of a format itself is not escaped.

mod attribute;
mod c_locale;
mod context;
mod escape;
mod field_path;
mod field_value;
mod format_error;
mod formatter;
mod human;
mod json;
mod json_object;
mod message;
pub(crate) mod misfits;
mod pattern;
mod placeholders;
mod python_text;
mod record_attributes;
mod spec;
mod spec_rules;
mod standard;
mod style;
mod traceback;

pub(crate) use attribute::args;
pub(crate) use context::FormatContext;
pub use context::ProcessInfo;
pub(crate) use escape::Escaping;
pub use format_error::FormatError;
pub use formatter::Formatter;
pub use human::{Colour, HumanFormatter};
pub use json::JsonFormatter;
pub(crate) use message::message_in;
pub use message::{message, message_or_unfilled};
pub(crate) use python_text::{repr, str as text_of};
pub(crate) use record_attributes::attributes;
pub use standard::StandardFormatter;
pub use style::Style;
#[cfg(feature = "mail")]
pub(crate) use traceback::write as write_error;
