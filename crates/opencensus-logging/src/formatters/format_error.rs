//! Why a record could not be formatted.

/// Why a record could not be formatted. Most messages are those of Python 3.13.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::{FormatError, StandardFormatter, Style};
///
/// let error = StandardFormatter::new("%(message", Style::Percent).unwrap_err();
/// assert!(matches!(error, FormatError::Malformed(_)));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The record has no field of this name.
    #[error("Formatting field not found in record: '{0}'")]
    MissingField(String),
    /// The conversion requires a number; the value has the given type.
    #[error("%{0} format: a real number is required, not {1}")]
    NotANumber(char, &'static str),
    /// The conversion requires a whole number; the value has the given type.
    #[error("%{0} format: an integer is required, not {1}")]
    NotAnInteger(char, &'static str),
    /// The message has more placeholders than values.
    #[error("not enough arguments for format string")]
    TooFewArguments,
    /// The message has fewer placeholders than values.
    #[error("not all arguments converted during string formatting")]
    TooManyArguments,
    /// The message has named placeholders, and the values have no names.
    #[error("format requires a mapping")]
    NoMapping,
    /// The format is malformed.
    #[error("{0}")]
    Malformed(String),
    /// The time cannot be written in this date format.
    #[error("the time cannot be written in the date format `{0}`")]
    Time(String),
}
