//! Messages in the forms of syslog.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::level::Level;
use crate::record::Record;

/// The form of messages to a syslog daemon.
///
/// # Examples
///
/// ```
/// use opencensus_logging::handlers::{SyslogFormat, SyslogHandler};
/// # use opencensus_logging::formatters::StandardFormatter;
/// # use std::sync::Arc;
/// # let formatter = Arc::new(StandardFormatter::message_only());
/// let handler = SyslogHandler::tcp("localhost", 601, formatter).with_format(SyslogFormat::Rfc5424);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SyslogFormat {
    /// `<14>Mar  5 06:07:08 host shop[7]: message`, in local time; to a socket in the file system without the host.
    #[default]
    Rfc3164,
    /// `<14>1 2024-03-05T06:07:08.123456Z host shop 7 - - message`.
    Rfc5424,
    /// `<14>message` and a NUL, as Python's `SysLogHandler` sends it.
    Python,
}

/// The part of the system that a message comes from.
///
/// # Examples
///
/// ```
/// use opencensus_logging::handlers::Facility;
///
/// assert_eq!(Facility::from_name("local0"), Some(Facility::from_number(16).unwrap()));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Facility(u8);

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "security", "console", "solcron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];

impl Facility {
    /// 1, `user`: programs without another facility.
    pub const USER: Self = Self(1);

    /// By its name in Python, such as `daemon` or `local0`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        FACILITIES.iter().position(|known| *known == name).and_then(|at| u8::try_from(at).ok()).map(Self)
    }

    /// By its number, from 0 to 23.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        (usize::from(number) < FACILITIES.len()).then_some(Self(number))
    }
}

/// The parts of a message that are the same for all records.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) facility: Facility,
    pub(super) format: SyslogFormat,
    /// `None`: the daemon on the same machine knows it.
    pub(super) host: Option<String>,
    pub(super) app: String,
    pub(super) time_zone: TimeZone,
}

/// RFC 5424, table 2.
fn severity(level: Level) -> u8 {
    match level {
        level if level >= Level::CRITICAL => 2,
        level if level >= Level::ERROR => 3,
        level if level >= Level::WARNING => 4,
        level if level >= Level::INFO => 6,
        _ => 7,
    }
}

impl Header {
    /// The message about a record, with this text.
    pub(super) fn message(&self, record: &Record, text: &str, process: u32) -> String {
        let priority = self.facility.0 * 8 + severity(record.level);
        let time = Timestamp::try_from(record.created).unwrap_or(Timestamp::UNIX_EPOCH);
        let app = &self.app;
        let mut out = format!("<{priority}>");
        // Writing to a `String` does not fail.
        let _ = match self.format {
            SyslogFormat::Python => write!(out, "{text}\0"),
            SyslogFormat::Rfc5424 => {
                let host = self.host.as_deref().unwrap_or("-");
                write!(out, "1 {time:.6} {host} {app} {process} - - {text}")
            }
            SyslogFormat::Rfc3164 => {
                let time = time.to_zoned(self.time_zone.clone()).strftime("%b %e %H:%M:%S").to_string();
                let host = self.host.as_deref().map(|host| format!("{host} ")).unwrap_or_default();
                write!(out, "{time} {host}{app}[{process}]: {text}")
            }
        };
        out
    }
}

/// A name for a header: printable ASCII without spaces, of bounded length.
pub(super) fn header_name(name: &str) -> String {
    let name: String = name.chars().filter(char::is_ascii_graphic).take(48).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}

/// A message in a stream: with its length in front (RFC 6587, section 3.4.1), or up to a line feed.
pub(super) fn framed(message: String, format: SyslogFormat) -> String {
    match format {
        SyslogFormat::Rfc5424 => format!("{} {message}", message.len()),
        // As rsyslog escapes it.
        SyslogFormat::Rfc3164 => message.replace('\n', "#012") + "\n",
        SyslogFormat::Python => message,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn messages_have_the_forms_of_the_standards_and_of_python() {
        let mut record = Record::new("shop".into(), Level::ERROR, "");
        record.created = UNIX_EPOCH + Duration::from_micros(1_709_618_828_123_456);
        let header = |format, host: Option<&str>| Header {
            facility: Facility::from_name("local0").unwrap(),
            format,
            host: host.map(str::to_owned),
            app: "shop".to_owned(),
            time_zone: TimeZone::UTC,
        };
        for (format, host, expected) in [
            (SyslogFormat::Rfc3164, Some("web1"), "<131>Mar  5 06:07:08 web1 shop[7]: no chairs"),
            (SyslogFormat::Rfc3164, None, "<131>Mar  5 06:07:08 shop[7]: no chairs"),
            (SyslogFormat::Rfc5424, Some("web1"), "<131>1 2024-03-05T06:07:08.123456Z web1 shop 7 - - no chairs"),
            (SyslogFormat::Python, Some("web1"), "<131>no chairs\0"),
        ] {
            assert_eq!(header(format, host).message(&record, "no chairs", 7), expected);
        }
        assert_eq!(framed("<1>a\nb".to_owned(), SyslogFormat::Rfc5424), "6 <1>a\nb");
        assert_eq!(framed("<1>a\nb".to_owned(), SyslogFormat::Rfc3164), "<1>a#012b\n");
        assert_eq!(header_name("my shöp\n"), "myshp");
    }
}
