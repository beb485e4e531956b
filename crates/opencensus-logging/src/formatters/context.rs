//! Process, time zone and escaping, which formatters use besides the record.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use crate::formatters::c_locale::in_c_locale;
use crate::formatters::escape::Escaping;
use crate::formatters::format_error::FormatError;

/// Process, time zone and escaping, which are the same for all records.
#[derive(Clone, Debug)]
pub(crate) struct FormatContext {
    pub(crate) process: ProcessInfo,
    pub(crate) time_zone: TimeZone,
    pub(crate) escaping: Escaping,
    /// Whether a record that does not fit its format is an error, as in Python.
    pub(crate) is_strict: bool,
    /// Whether the program has set the process.
    pub(crate) has_given_process: bool,
}

/// The process, as formats show it.
///
/// # Examples
///
/// ```
/// use opencensus_logging::Logging;
/// use opencensus_logging::formatters::ProcessInfo;
/// use std::time::SystemTime;
///
/// let process = ProcessInfo::new(std::process::id(), "worker", SystemTime::now());
/// let logging = Logging::builder().with_process(process).build();
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ProcessInfo {
    /// The process id.
    pub id: u32,
    /// The process's name. Default: `MainProcess`, as in Python.
    pub name: String,
    /// The start of the process, or of logging: `relativeCreated` counts from here.
    pub start: SystemTime,
}

impl ProcessInfo {
    /// A process with this id, name and start.
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
        let (process, time_zone) = (ProcessInfo::default(), TimeZone::system());
        Self { process, time_zone, escaping: Escaping::default(), is_strict: false, has_given_process: false }
    }
}

impl FormatContext {
    /// The process id, which changes in a child that the process forks.
    pub(crate) fn process_id(&self) -> u32 {
        if self.has_given_process { self.process.id } else { std::process::id() }
    }

    /// A time in a format of `strftime`, in C's locale.
    pub(crate) fn time(&self, time: SystemTime, format: &str) -> Result<String, FormatError> {
        let unsupported = || FormatError::Time(format.to_owned());
        let zoned = Timestamp::try_from(time).map_err(|_| unsupported())?.to_zoned(self.time_zone.clone());
        BrokenDownTime::from(&zoned).to_string(&*in_c_locale(format)).map_err(|_| unsupported())
    }
}
