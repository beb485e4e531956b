//! A handler that rotates its file by time.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::formatters::Formatter;
use crate::handler_error::HandlerError;
use crate::handlers::backup_files::{is_special, rename, with_suffix};
use crate::handlers::line::line;
use crate::handlers::{BuiltInHandler, Handler, LineFile, Schedule, When};
use crate::lock::lock;
use crate::record::Record;

/// Writes records to a file that is rotated by time; the names of older files end with the start of their period, as in
/// Python. The first record of a new period rotates the file. At most `backups` older files are kept (0: all).
///
/// # Examples
///
/// ```no_run
/// # use opencensus_logging::formatters::StandardFormatter;
/// use opencensus_logging::handlers::{TimedRotatingFileHandler, When};
/// use std::sync::Arc;
///
/// let formatter = Arc::new(StandardFormatter::message_only());
/// // A file for each day, and those of the last week.
/// let handler = TimedRotatingFileHandler::open("days.log", formatter, When::Midnight, 1, 7)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct TimedRotatingFileHandler {
    state: Mutex<State>,
    formatter: Arc<dyn Formatter>,
    schedule: Schedule,
    backups: usize,
}

struct State {
    file: LineFile,
    // `None`: there was no record yet.
    next_rotation: Option<Timestamp>,
}

impl TimedRotatingFileHandler {
    /// A handler that appends to this file, which is opened now. It rotates the file after each `interval` of `when`,
    /// in the system's time zone.
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

    /// `modified` is the time of the last write to a file that exists already.
    pub(crate) fn of(
        file: LineFile,
        modified: Option<SystemTime>,
        formatter: Arc<dyn Formatter>,
        schedule: Schedule,
        backups: usize,
    ) -> Self {
        let next_rotation = modified.and_then(whole_seconds).and_then(|time| schedule.next(time));
        Self { state: Mutex::new(State { file, next_rotation }), formatter, schedule, backups }
    }

    fn rotate(&self, state: &mut State, end: Timestamp) -> io::Result<()> {
        if is_special(state.file.path()) {
            return Ok(());
        }
        if let Some(suffix) = self.schedule.suffix(end) {
            let old = with_suffix(state.file.path(), &suffix);
            // Another process has rotated already: its older file is complete, and this process continues with the new
            // one.
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
        let now = whole_seconds(record.created)
            .ok_or_else(|| HandlerError::Other("the time of the record is out of range".into()))?;
        let mut state = lock(&self.state);
        match state.next_rotation {
            Some(end) if now >= end => {
                self.rotate(&mut state, end)?;
                state.next_rotation = self.schedule.next(now);
            }
            Some(_) => {}
            None => state.next_rotation = self.schedule.next(now),
        }
        state.file.write(&text)
    }

    fn close(&self) {
        lock(&self.state).file.close();
    }

    fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        Some(self)
    }
}

impl BuiltInHandler for TimedRotatingFileHandler {
    fn activate(&self) -> Result<(), HandlerError> {
        Ok(lock(&self.state).file.activate()?)
    }
}

/// Periods begin and end with whole seconds, as the names of files do.
fn whole_seconds(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok().and_then(|time| Timestamp::from_second(time.as_second()).ok())
}

pub(crate) fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// Removes the oldest of the older files, by the time in their names, and keeps so many of the newest.
fn remove_oldest(path: &Path, when: When, keep: usize) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
    let mut old = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let entry_name = entry.file_name();
        let suffix = entry_name.to_str().and_then(|entry| entry.strip_prefix(name)?.strip_prefix('.'));
        let is_rotated = |suffix: &&str| jiff::fmt::strtime::parse(when.date_format(), suffix).is_ok();
        if let Some(suffix) = suffix.filter(is_rotated) {
            old.push((suffix.to_owned(), entry.path()));
        }
    }
    old.sort();
    let surplus = old.len().saturating_sub(keep);
    old.into_iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))
}
