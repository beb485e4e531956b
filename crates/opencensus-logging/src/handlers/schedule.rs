//! When a file is rotated by time.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

/// When a file is rotated, as in Python's `TimedRotatingFileHandler`.
///
/// # Examples
///
/// ```
/// use opencensus_logging::handlers::When;
///
/// assert_eq!(When::from_name("W6"), Some(When::Weekday(6)));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum When {
    /// After a number of seconds.
    Seconds,
    /// After a number of minutes.
    Minutes,
    /// After a number of hours.
    Hours,
    /// After a number of days of 24 hours.
    Days,
    /// At a time of the day. Default: midnight.
    Midnight,
    /// At a time of one day of the week: 0 is Monday, 6 Sunday. Midnight is the end of that day.
    Weekday(u8),
}

impl When {
    /// By its name in Python: `S`, `M`, `H`, `D`, `midnight`, `W0` to `W6`, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "S" => Self::Seconds,
            "M" => Self::Minutes,
            "H" => Self::Hours,
            "D" => Self::Days,
            "MIDNIGHT" => Self::Midnight,
            other => {
                let day = other.strip_prefix('W').filter(|day| day.len() == 1)?.parse().ok()?;
                return (day <= 6).then_some(Self::Weekday(day));
            }
        })
    }

    /// Seconds between two rotations.
    const fn seconds(self) -> i64 {
        match self {
            Self::Seconds => 1,
            Self::Minutes => 60,
            Self::Hours => 60 * 60,
            Self::Days | Self::Midnight => 24 * 60 * 60,
            Self::Weekday(_) => 7 * 24 * 60 * 60,
        }
    }

    /// The format of the time in the name of an older file.
    pub(super) const fn date_format(self) -> &'static str {
        match self {
            Self::Seconds => "%Y-%m-%d_%H-%M-%S",
            Self::Minutes => "%Y-%m-%d_%H-%M",
            Self::Hours => "%Y-%m-%d_%H",
            _ => "%Y-%m-%d",
        }
    }
}

/// When the file is rotated, and the name that the older file gets.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(super) when: When,
    interval: i64,
    at: Time,
    pub(super) time_zone: TimeZone,
}

impl Schedule {
    pub(crate) fn new(when: When, interval: u32, at: Option<Time>, time_zone: TimeZone) -> Self {
        let interval = when.seconds() * i64::from(interval.max(1));
        Self { when, interval, at: at.unwrap_or_else(Time::midnight), time_zone }
    }

    /// The next rotation of a file that is written at this time.
    pub(super) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let by_clock = || now.checked_add(SignedDuration::from_secs(self.interval)).ok();
        let local = now.to_zoned(self.time_zone.clone());
        match self.when {
            When::Midnight => {
                // Of several days the first ends today or tomorrow, as in Python.
                let first = self.next_day(&local)?;
                first.checked_add(days(self.interval / ONE_DAY - 1)?).ok().map(|end| end.timestamp())
            }
            When::Weekday(day) => {
                let last_day = Weekday::from_monday_zero_offset(i8::try_from(day).ok()?).ok()?;
                let mut end = self.next_day(&local)?;
                while self.day_of(&end)? != last_day {
                    end = end.checked_add(days(1)?).ok()?;
                }
                end.checked_add(days(self.interval / ONE_DAY - 7)?).ok().map(|end| end.timestamp())
            }
            _ => by_clock(),
        }
    }

    /// The next occurrence of the time of the day.
    fn next_day(&self, local: &Zoned) -> Option<Zoned> {
        let today = local.date().to_datetime(self.at).to_zoned(self.time_zone.clone()).ok()?;
        if today > *local {
            return Some(today);
        }
        let tomorrow = local.date().tomorrow().ok()?;
        tomorrow.to_datetime(self.at).to_zoned(self.time_zone.clone()).ok()
    }

    /// The day that a rotation belongs to. Midnight is the end of a day; any other time is within one.
    fn day_of(&self, end: &Zoned) -> Option<Weekday> {
        let date = if self.at == Time::midnight() { end.date().yesterday().ok()? } else { end.date() };
        Some(date.weekday())
    }

    /// The end of the period of an older file, by the suffix of its name.
    pub(super) fn end(&self, suffix: &str) -> Option<Timestamp> {
        let parsed = jiff::fmt::strtime::parse(self.when.date_format(), suffix).ok()?;
        let start = parsed.to_datetime().or_else(|_| parsed.to_date().map(|date| date.to_datetime(self.at))).ok()?;
        let start = start.to_zoned(self.time_zone.clone()).ok()?;
        let end = match self.when {
            When::Midnight | When::Weekday(_) => start.checked_add(days(self.interval / ONE_DAY)?),
            _ => start.checked_add(SignedDuration::from_secs(self.interval)),
        };
        end.ok().map(|end| end.timestamp())
    }

    /// The suffix of an older file's name: the start of its period. Days are calendar days, some of which have 23
    /// hours.
    pub(super) fn suffix(&self, end: Timestamp) -> Option<String> {
        let end = end.to_zoned(self.time_zone.clone());
        let start = match self.when {
            When::Midnight | When::Weekday(_) => end.checked_sub(days(self.interval / ONE_DAY)?).ok()?,
            _ => end.checked_sub(SignedDuration::from_secs(self.interval)).ok()?,
        };
        Some(start.strftime(self.when.date_format()).to_string())
    }
}

const ONE_DAY: i64 = When::Days.seconds();

fn days(count: i64) -> Option<jiff::Span> {
    jiff::Span::new().try_days(count).ok()
}
