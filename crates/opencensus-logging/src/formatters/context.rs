//! What formats say that no record holds.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use crate::formatters::escape::Escaping;
use crate::formatters::spec::FormatError;

/// What is the same for all records of a process.
#[derive(Clone, Debug)]
pub(crate) struct FormatContext {
    pub(crate) process: ProcessInfo,
    pub(crate) time_zone: TimeZone,
    pub(crate) escaping: Escaping,
}

/// A process.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ProcessInfo {
    /// Its number.
    pub id: u32,
    /// Its name. Default: `MainProcess`, as in Python.
    pub name: String,
    /// When it began, or when logging did.
    pub start: SystemTime,
}

impl ProcessInfo {
    /// A process of this number, name and age.
    #[must_use]
    pub fn new(id: u32, name: impl Into<String>, start: SystemTime) -> Self {
        Self { id, name: name.into(), start }
    }
}

impl Default for ProcessInfo {
    fn default() -> Self {
        Self::new(std::process::id(), "MainProcess", SystemTime::now())
    }
}

impl Default for FormatContext {
    fn default() -> Self {
        Self { process: ProcessInfo::default(), time_zone: TimeZone::system(), escaping: Escaping::default() }
    }
}

impl FormatContext {
    /// A time in the form of `strftime`.
    pub(crate) fn time(&self, time: SystemTime, form: &str) -> Result<String, FormatError> {
        let wrong = || FormatError::Time(form.to_owned());
        let zoned = Timestamp::try_from(time).map_err(|_| wrong())?.to_zoned(self.time_zone.clone());
        BrokenDownTime::from(&zoned).to_string(form).map_err(|_| wrong())
    }
}
