//! A file that makes room for a new one every day, or every hour.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use crate::formatters::Formatter;
use crate::handlers::file::LineFile;
use crate::handlers::line::line;
use crate::handlers::rotation::{is_special, rename, with_suffix};
use crate::handlers::{Handler, HandlerError};
use crate::lock::lock;
use crate::record::Record;

/// When a file makes room for a new one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum When {
    /// After so many seconds.
    Seconds,
    /// After so many minutes.
    Minutes,
    /// After so many hours.
    Hours,
    /// After so many days of 24 hours.
    Days,
    /// At a time of the day, midnight unless told otherwise.
    Midnight,
    /// At a time of one day of the week: 0 is Monday, 6 Sunday. Its midnight is the one that ends it.
    Weekday(u8),
}

impl When {
    /// Python's name: `S`, `M`, `H`, `D`, `midnight`, `W0` to `W6`, in any case.
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

    /// Seconds between two files.
    const fn seconds(self) -> i64 {
        match self {
            Self::Seconds => 1,
            Self::Minutes => 60,
            Self::Hours => 60 * 60,
            Self::Days | Self::Midnight => 24 * 60 * 60,
            Self::Weekday(_) => 7 * 24 * 60 * 60,
        }
    }

    /// The form of the time in an old file's name.
    const fn suffix(self) -> &'static str {
        match self {
            Self::Seconds => "%Y-%m-%d_%H-%M-%S",
            Self::Minutes => "%Y-%m-%d_%H-%M",
            Self::Hours => "%Y-%m-%d_%H",
            _ => "%Y-%m-%d",
        }
    }
}

/// When the next file begins, and how the finished one is called.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    when: When,
    interval: i64,
    at: Time,
    time_zone: TimeZone,
}

impl Schedule {
    pub(crate) fn new(when: When, interval: u32, at: Option<Time>, time_zone: TimeZone) -> Self {
        let interval = when.seconds() * i64::from(interval.max(1));
        Self { when, interval, at: at.unwrap_or_else(Time::midnight), time_zone }
    }

    /// The end of the file that is begun, or gone on with, at this time.
    fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let by_clock = || now.checked_add(SignedDuration::from_secs(self.interval)).ok();
        let local = now.to_zoned(self.time_zone.clone());
        match self.when {
            When::Midnight => {
                // Of several days the first ends today or tomorrow, as in Python.
                let first = self.next_day(&local)?;
                first.checked_add(days(self.interval / ONE_DAY - 1)?).ok().map(|end| end.timestamp())
            }
            When::Weekday(day) => {
                let wanted = Weekday::from_monday_zero_offset(i8::try_from(day).ok()?).ok()?;
                let mut end = self.next_day(&local)?;
                while self.day_of(&end)? != wanted {
                    end = end.checked_add(days(1)?).ok()?;
                }
                end.checked_add(days(self.interval / ONE_DAY - 7)?).ok().map(|end| end.timestamp())
            }
            _ => by_clock(),
        }
    }

    /// The next time that the clock shows the time of the day.
    fn next_day(&self, local: &Zoned) -> Option<Zoned> {
        let today = local.date().to_datetime(self.at).to_zoned(self.time_zone.clone()).ok()?;
        if today > *local {
            return Some(today);
        }
        let tomorrow = local.date().tomorrow().ok()?;
        tomorrow.to_datetime(self.at).to_zoned(self.time_zone.clone()).ok()
    }

    /// The day that a file's end belongs to. Midnight is the end of a day, any other time is within it.
    fn day_of(&self, end: &Zoned) -> Option<Weekday> {
        let date = if self.at == Time::midnight() { end.date().yesterday().ok()? } else { end.date() };
        Some(date.weekday())
    }

    /// What is put behind the name of the file that ends now: when it began. Days are the calendar's, which has
    /// some of 23 hours.
    fn suffix(&self, end: Timestamp) -> Option<String> {
        let end = end.to_zoned(self.time_zone.clone());
        let start = match self.when {
            When::Midnight | When::Weekday(_) => end.checked_sub(days(self.interval / ONE_DAY)?).ok()?,
            _ => end.checked_sub(SignedDuration::from_secs(self.interval)).ok()?,
        };
        Some(start.strftime(self.when.suffix()).to_string())
    }
}

const ONE_DAY: i64 = When::Days.seconds();

fn days(count: i64) -> Option<jiff::Span> {
    jiff::Span::new().try_days(count).ok()
}

/// Writes to a file for a while; older ones carry the time of their beginning in their name, as in Python. The first
/// record at or after the end makes room, and at most so many older files stay (0: all).
pub struct TimedRotatingFileHandler {
    state: Mutex<State>,
    formatter: Arc<dyn Formatter>,
    schedule: Schedule,
    backups: usize,
}

struct State {
    file: LineFile,
    // Of the file that is written to now. `None`: there was no record yet.
    end: Option<Timestamp>,
}

impl TimedRotatingFileHandler {
    /// Appends to this file, which is opened now.
    ///
    /// # Errors
    ///
    /// The file cannot be opened.
    pub fn open(
        path: impl Into<PathBuf>,
        formatter: Arc<dyn Formatter>,
        when: When,
        interval: u32,
        backups: usize,
    ) -> io::Result<Self> {
        let schedule = Schedule::new(when, interval, None, TimeZone::system());
        let path = path.into();
        let modified = modified(&path);
        Ok(Self::of(LineFile::new(path, false, false)?, modified, formatter, schedule, backups))
    }

    /// `modified`: when the file, if there was one, was last written to.
    pub(crate) fn of(
        file: LineFile,
        modified: Option<SystemTime>,
        formatter: Arc<dyn Formatter>,
        schedule: Schedule,
        backups: usize,
    ) -> Self {
        let end = modified.and_then(whole_seconds).and_then(|time| schedule.next(time));
        Self { state: Mutex::new(State { file, end }), formatter, schedule, backups }
    }

    fn roll(&self, state: &mut State, end: Timestamp) -> io::Result<()> {
        if is_special(state.file.path()) {
            return Ok(());
        }
        if let Some(suffix) = self.schedule.suffix(end) {
            let old = with_suffix(state.file.path(), &suffix);
            // Another process was first: its file is whole, and this one goes on.
            if !old.exists() {
                state.file.close();
                rename(state.file.path(), &old)?;
            }
        }
        if self.backups > 0 {
            remove_oldest(state.file.path(), self.schedule.when, self.backups)?;
        }
        Ok(())
    }
}

impl Handler for TimedRotatingFileHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let text = line(&*self.formatter, record, "\n")?;
        let now =
            whole_seconds(record.created).ok_or_else(|| HandlerError::Other("a time beyond all clocks".into()))?;
        let mut state = lock(&self.state);
        match state.end {
            Some(end) if now >= end => {
                self.roll(&mut state, end)?;
                state.end = self.schedule.next(now);
            }
            Some(_) => {}
            None => state.end = self.schedule.next(now),
        }
        state.file.write(&text)
    }

    fn begin(&self) -> Result<(), HandlerError> {
        Ok(lock(&self.state).file.begin()?)
    }

    fn close(&self) {
        lock(&self.state).file.close();
    }
}

/// Files begin and end with whole seconds, as their names do.
fn whole_seconds(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok().and_then(|time| Timestamp::from_second(time.as_second()).ok())
}

pub(crate) fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// Older files of this name, by the time in theirs; the newest stay.
fn remove_oldest(path: &Path, when: When, keep: usize) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
    let mut old = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let entry_name = entry.file_name();
        let suffix = entry_name.to_str().and_then(|entry| entry.strip_prefix(name)?.strip_prefix('.'));
        let is_ours = |suffix: &&str| jiff::fmt::strtime::parse(when.suffix(), suffix).is_ok();
        if let Some(suffix) = suffix.filter(is_ours) {
            old.push((suffix.to_owned(), entry.path()));
        }
    }
    old.sort();
    let surplus = old.len().saturating_sub(keep);
    old.into_iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))
}
