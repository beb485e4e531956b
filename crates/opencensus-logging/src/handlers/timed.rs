//! A handler that rotates its file by time.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::formatters::Formatter;
use crate::handler_error::HandlerError;
use crate::handlers::backup_files::{is_special, rename, with_suffix};
use crate::handlers::line::line;
use crate::handlers::line_file::{LineFile, Look};
use crate::handlers::open_files::{self, SharedFile};
use crate::handlers::period::{begun, older_files, whole_seconds};
use crate::handlers::{BuiltInHandler, Encoding, Handler, Schedule, When};
use crate::lock::lock;
use crate::record::Record;

/// Writes records to a file that is rotated by time; the names of older files end with the start of their period, as in
/// Python. The first record of a new period rotates the file. At most `backups` older files are kept (0: all).
///
/// The period of a file that exists already begins with the time of its first line, or else with the end of the last
/// older file: a program that is restarted often rotates it as well. In Python's dialect it begins with the last write,
/// as in CPython. If the file cannot be rotated, or older files cannot be removed, records go on to it, that is reported
/// once, and it is tried again.
///
/// # Examples
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("opencensus-docs-timed-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::env::set_current_dir(&folder)?;
/// # use opencensus_logging::formatters::StandardFormatter;
/// use opencensus_logging::handlers::{TimedRotatingFileHandler, When};
/// use std::sync::Arc;
///
/// let formatter = Arc::new(StandardFormatter::message_only());
/// // A file for each day, and those of the last week.
/// let handler = TimedRotatingFileHandler::open("days.log", formatter, When::Midnight, 1, 7)?;
/// # std::env::set_current_dir(std::env::temp_dir())?;
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct TimedRotatingFileHandler {
    file: SharedFile,
    // `None`: there was no record yet.
    next_rotation: Mutex<Option<Timestamp>>,
    formatter: Arc<dyn Formatter>,
    schedule: Schedule,
    backups: usize,
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
        let begun = begun(&path, &schedule);
        let file = open_files::shared(path, Encoding::default(), Look::DEFAULT, false, false)?;
        Ok(Self::of(file, begun, formatter, schedule, backups))
    }

    /// `begun` is the start of the period of a file that exists already.
    pub(crate) fn of(
        file: SharedFile,
        begun: Option<Timestamp>,
        formatter: Arc<dyn Formatter>,
        schedule: Schedule,
        backups: usize,
    ) -> Self {
        let next_rotation = Mutex::new(begun.and_then(|time| schedule.next(time)));
        Self { file, next_rotation, formatter, schedule, backups }
    }

    /// Rotates the file at the end of its period. `false`: it failed.
    fn rotate(&self, file: &mut LineFile, end: Timestamp) -> bool {
        if is_special(file.path()) {
            return true;
        }
        let Some(suffix) = self.schedule.suffix(end) else { return true };
        let old = with_suffix(file.path(), &suffix);
        let is_rotated = if old.exists() {
            // Another process has rotated the file. If not, an older file of this name is not replaced, and this file has
            // the lines of two periods.
            file.follow_path();
            true
        } else {
            file.rotate(|path| rename(path, &old))
        };
        if self.backups > 0 {
            let removed = remove_oldest(file.path(), self.schedule.when, self.backups);
            file.cleaned_up(removed);
        }
        is_rotated
    }
}

impl Handler for TimedRotatingFileHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let text = line(&*self.formatter, record, "\n")?;
        let now = whole_seconds(record.created)
            .ok_or_else(|| HandlerError::Other("the time of the record is out of range".into()))?;
        let mut next_rotation = lock(&self.next_rotation);
        let mut file = lock(&self.file);
        file.look();
        match *next_rotation {
            Some(end) if now < end || !file.may_rotate() => {}
            Some(end) if !self.rotate(&mut file, end) => {}
            _ => *next_rotation = self.schedule.next(now),
        }
        file.write(&text)
    }

    fn close(&self) {
        lock(&self.file).close();
    }

    fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        Some(self)
    }
}

impl BuiltInHandler for TimedRotatingFileHandler {
    fn activate(&self) -> Result<(), HandlerError> {
        Ok(lock(&self.file).activate()?)
    }

    fn take_complaint(&self) -> Option<String> {
        lock(&self.file).take_complaint()
    }
}

/// Removes the oldest of the older files, by the time in their names, and keeps so many of the newest.
fn remove_oldest(path: &Path, when: When, keep: usize) -> io::Result<()> {
    let old = older_files(path, when)?;
    let surplus = old.len().saturating_sub(keep);
    // One that cannot be removed does not keep the others.
    old.into_iter().take(surplus).map(|(_, path)| fs::remove_file(path)).fold(Ok(()), Result::and)
}
