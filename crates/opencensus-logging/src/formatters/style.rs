//! The styles of formats.

/// The style of a format: how it names its fields.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::Style;
///
/// assert_eq!(Style::from_sign("{"), Some(Style::Brace));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Style {
    /// `%(levelname)s`
    #[default]
    Percent,
    /// `{levelname}`
    Brace,
    /// `$levelname` or `${levelname}`
    Dollar,
}

impl Style {
    /// The style that this sign stands for: `%`, `{` or `$`.
    #[must_use]
    pub fn from_sign(sign: &str) -> Option<Self> {
        match sign {
            "%" => Some(Self::Percent),
            "{" => Some(Self::Brace),
            "$" => Some(Self::Dollar),
            _ => None,
        }
    }
}
