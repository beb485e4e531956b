//! All faults of the settings, as one error.

use std::error::Error;
use std::fmt;

use crate::fault::Fault;

/// Most faults that the text of the error lists.
const MAX_LISTED: usize = 100;

/// Invalid settings: all faults at once, one a line. `Debug` prints the same text as `Display`, because that is what a
/// program prints whose `main` returns the error.
///
/// # Examples
///
/// ```
/// use opencensus_settings::{Fault, InvalidSettings};
///
/// let error = InvalidSettings::from(Fault::new("`2`", "write a rate between 0 and 1").inside("rate"));
/// assert_eq!(error.to_string(), "`rate`: found `2`; write a rate between 0 and 1");
/// assert!(InvalidSettings::check(Vec::new()).is_ok());
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct InvalidSettings {
    faults: Vec<Fault>,
}

impl InvalidSettings {
    /// Returns `Ok` if there are no faults.
    ///
    /// # Errors
    ///
    /// There is at least one fault.
    pub fn check(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self { faults }) }
    }

    /// The faults: those of the file first, then those of the environment.
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
        self.faults.iter().take(MAX_LISTED).try_for_each(|fault| write!(f, "\n- {fault}"))?;
        match self.faults.len().saturating_sub(MAX_LISTED) {
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
