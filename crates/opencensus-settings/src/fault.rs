//! A fault of the settings.

use std::fmt;

/// The longest value of a variable that a remedy may contain by chance, in bytes.
const LONGEST_WORD: usize = 5;

/// One fault: its place, what was found there, and the remedy.
///
/// # Examples
///
/// ```
/// use opencensus_settings::Fault;
///
/// let fault = Fault::new("`loud`", "write a level such as `INFO`").inside("level").inside("root").of("log.toml");
/// assert_eq!(fault.to_string(), "log.toml: `root.level`: found `loud`; write a level such as `INFO`");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    origin: Option<String>,
    place: String,
    found: String,
    remedy: String,
}

impl Fault {
    /// Creates a fault without a place. `found` must hold no secret: see [`redact`](crate::redact).
    #[must_use]
    pub fn new(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { origin: None, place: String::new(), found: found.into(), remedy: remedy.into() }
    }

    /// Puts `key`, or an index such as `[2]`, in front of the place.
    #[must_use]
    pub fn inside(mut self, key: &str) -> Self {
        let is_item = self.place.starts_with('[');
        let dot = if self.place.is_empty() || is_item || key.is_empty() { "" } else { "." };
        self.place = format!("{key}{dot}{}", self.place);
        self
    }

    /// Sets the file that the fault is in.
    #[must_use]
    pub fn of(mut self, origin: &str) -> Self {
        self.origin = Some(origin.to_owned());
        self
    }

    /// Replaces the value of an environment variable by the variable's name, wherever the fault repeats it. A remedy is
    /// written here and repeats no short value: in `write 0 or 1` the digits stay.
    #[must_use]
    pub fn hiding(mut self, value: &str, variable: &str) -> Self {
        let name = format!("${{{variable}}}");
        if !value.is_empty() {
            self.found = self.found.replace(value, &name);
        }
        if value.len() > LONGEST_WORD {
            self.remedy = self.remedy.replace(value, &name);
        }
        self
    }

    /// The file, or `None` for the environment.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The path in the file, such as `trace.blacklist_paths[2]`, or the name of the variable.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What was found. Connection strings, texts that look like keys, and values of `${…}` are not repeated.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    /// How to correct it.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{origin}: ")?;
        }
        if !self.place.is_empty() {
            write!(f, "`{}`: ", self.place)?;
        }
        write!(f, "found {}; {}", self.found, self.remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_built_from_the_inside_out() {
        let fault = Fault::new("`x`", "write y").inside("[2]").inside("blacklist_paths").inside("trace").of("a.toml");
        assert_eq!(fault.to_string(), "a.toml: `trace.blacklist_paths[2]`: found `x`; write y");
        let fault = Fault::new("`x`", "write y").inside("rate").inside("[0]").inside("rates");
        assert_eq!(fault.place(), "rates[0].rate");
    }
}
