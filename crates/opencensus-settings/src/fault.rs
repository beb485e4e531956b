//! What is wrong with settings.

use std::error::Error;
use std::fmt;

/// One fault: where it is, what stands there, what would be right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    origin: Option<String>,
    place: String,
    found: String,
    remedy: String,
}

impl Fault {
    /// What was found, and what would be right; nowhere yet.
    #[must_use]
    pub fn new(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { origin: None, place: String::new(), found: found.into(), remedy: remedy.into() }
    }

    /// The same, further inside: `key` in front of its place.
    #[must_use]
    pub fn inside(mut self, key: &str) -> Self {
        let is_item = self.place.starts_with('[');
        let dot = if self.place.is_empty() || is_item || key.is_empty() { "" } else { "." };
        self.place = format!("{key}{dot}{}", self.place);
        self
    }

    /// The same, in this file.
    #[must_use]
    pub fn of(mut self, origin: &str) -> Self {
        self.origin = Some(origin.to_owned());
        self
    }

    /// The same, with the name of a variable wherever it shows what the variable holds.
    #[must_use]
    pub fn hiding(mut self, value: &str, variable: &str) -> Self {
        if !value.is_empty() {
            let name = format!("${{{variable}}}");
            self.found = self.found.replace(value, &name);
            self.remedy = self.remedy.replace(value, &name);
        }
        self
    }

    /// The file, or `None` for the environment.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The path in the file, such as `trace.blacklist_paths[2]`, or the variable's name.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What stands there. Never a secret: connection strings, what looks like a key, and values of
    /// `${…}` are not repeated.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What would be right.
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

/// Faults that a text of all of them shows.
const SHOWN: usize = 100;

/// Settings that make no sense: all faults at once, one a line. `Debug` shows the same, since that is
/// what a program prints whose `main` returns the error.
#[derive(Clone, Eq, PartialEq)]
pub struct InvalidSettings {
    faults: Vec<Fault>,
}

impl InvalidSettings {
    /// `Ok` if there are none.
    ///
    /// # Errors
    ///
    /// There are faults.
    pub fn check(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self { faults }) }
    }

    /// The faults: the file's, then the environment's.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl From<Fault> for InvalidSettings {
    fn from(fault: Fault) -> Self {
        Self { faults: vec![fault] }
    }
}

impl fmt::Display for InvalidSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [fault] = &*self.faults {
            return fault.fmt(f);
        }
        write!(f, "{} faults in the settings:", self.faults.len())?;
        self.faults.iter().take(SHOWN).try_for_each(|fault| write!(f, "\n- {fault}"))?;
        match self.faults.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n- and {more} more"),
        }
    }
}

impl fmt::Debug for InvalidSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for InvalidSettings {}

/// A value, or what is wrong with it, at places relative to it.
pub type Checked<T> = Result<T, Vec<Fault>>;

/// One fault here.
///
/// # Errors
///
/// Always: it is one.
pub fn fault<T>(found: impl Into<String>, remedy: impl Into<String>) -> Checked<T> {
    Err(vec![Fault::new(found, remedy)])
}

/// All values, or all faults.
///
/// # Errors
///
/// Any item is none.
pub fn collect<T>(items: impl Iterator<Item = Checked<T>>) -> Checked<Vec<T>> {
    let (mut values, mut faults) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Ok(value) => values.push(value),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}

/// All faults of all parts.
///
/// # Errors
///
/// Any part has some.
pub fn all(parts: impl Iterator<Item = Checked<()>>) -> Checked<()> {
    collect(parts).map(|_| ())
}

/// All faults of a part, further inside.
///
/// # Errors
///
/// Those of the part.
pub fn inside<T>(key: &str, checked: Checked<T>) -> Checked<T> {
    checked.map_err(|faults| faults.into_iter().map(|fault| fault.inside(key)).collect())
}

/// The known name that an unknown one may stand for, and all of them if none is close.
#[must_use]
pub fn nearest(name: &str, known: &[&str]) -> String {
    let likeness = |known: &&str| strsim::normalized_damerau_levenshtein(name, known);
    match known.iter().copied().max_by(|one, other| likeness(one).total_cmp(&likeness(other))) {
        Some(near) if likeness(&near) >= 0.5 => format!("did you mean `{near}`?"),
        Some(near) => {
            let all = known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            format!("the nearest known one is `{near}`, of {all}")
        }
        None => "nothing is known here".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_put_together_from_the_inside() {
        let fault = Fault::new("`x`", "say y").inside("[2]").inside("blacklist_paths").inside("trace").of("a.toml");
        assert_eq!(fault.to_string(), "a.toml: `trace.blacklist_paths[2]`: found `x`; say y");
        let fault = Fault::new("`x`", "say y").inside("rate").inside("[0]").inside("rates");
        assert_eq!(fault.place(), "rates[0].rate");
    }
}
