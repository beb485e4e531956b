//! Values for the placeholders of a message.

use serde_json::{Map, Value};

/// Values for the placeholders of a message, as for Python's `%` operator.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::message;
/// use opencensus_logging::{Args, Level, Record};
///
/// let mut record = Record::new("shop".into(), Level::INFO, "%s bought %d chairs");
/// record.args = Some(Args::Positional(vec!["ann".into(), 3.into()]));
/// assert_eq!(message(&record)?, "ann bought 3 chairs");
/// # Ok::<(), opencensus_logging::formatters::FormatError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Args {
    /// Values in the order of the placeholders.
    Positional(Vec<Value>),
    /// Values by name, for `%(name)s`.
    Named(Map<String, Value>),
}
