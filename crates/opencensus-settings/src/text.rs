//! A text, and the environment variables that it contains.

use crate::redact;

/// A text of the settings, and the names of the environment variables whose values it contains.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Text {
    /// The text.
    pub value: String,
    /// The variables whose values it contains. These values may be secrets.
    pub variables: Vec<String>,
}

impl Text {
    /// Creates a text that contains no variable.
    #[must_use]
    pub fn plain(value: impl Into<String>) -> Self {
        Self { value: value.into(), variables: Vec::new() }
    }

    /// Creates a part of this text, which may contain every variable that the whole contains.
    #[must_use]
    pub fn part(&self, value: impl Into<String>) -> Self {
        Self { value: value.into(), variables: self.variables.clone() }
    }

    /// Formats the text for a fault, without the value of any variable.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_settings::Text;
    ///
    /// assert_eq!(Text::plain("sometimes").redacted(), "`sometimes`");
    /// let text = Text { value: "hunter2".to_owned(), variables: vec!["DB_PASSWORD".to_owned()] };
    /// assert_eq!(text.redacted(), "a text with `${DB_PASSWORD}`");
    /// ```
    #[must_use]
    pub fn redacted(&self) -> String {
        if self.variables.is_empty() {
            return redact::text(&self.value);
        }
        let names: Vec<_> = self.variables.iter().map(|name| format!("`${{{name}}}`")).collect();
        format!("a text with {}", names.join(" and "))
    }
}
