//! A handler that rotates its file by size.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::formatters::Formatter;
use crate::handler_error::HandlerError;
use crate::handlers::backup_files::{is_special, rename, with_suffix};
use crate::handlers::line::line;
use crate::handlers::{BuiltInHandler, Handler, LineFile};
use crate::lock::lock;
use crate::record::Record;

/// Writes records to a file of bounded size; older files are `name.1` to `name.N`, as in Python. A record that is
/// larger than the bound is alone in its file.
///
/// # Examples
///
/// ```no_run
/// # use opencensus_logging::formatters::StandardFormatter;
/// use opencensus_logging::handlers::RotatingFileHandler;
/// use std::sync::Arc;
///
/// let formatter = Arc::new(StandardFormatter::message_only());
/// // `shop.log` of at most 10 MB, and `shop.log.1` to `shop.log.5`.
/// let handler = RotatingFileHandler::open("shop.log", formatter, 10_000_000, 5)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct RotatingFileHandler {
    file: Mutex<LineFile>,
    formatter: Arc<dyn Formatter>,
    max_bytes: u64,
    backups: u32,
}

impl RotatingFileHandler {
    /// A handler that appends to this file, which is opened now. It rotates the file before it reaches `max_bytes`, and
    /// keeps `backups` older files. If one of these is 0, the file is never rotated.
    ///
    /// # Errors
    ///
    /// The file cannot be opened.
    pub fn open(
        path: impl Into<PathBuf>,
        formatter: Arc<dyn Formatter>,
        max_bytes: u64,
        backups: u32,
    ) -> io::Result<Self> {
        LineFile::new(path.into(), false, false).map(|file| Self::of(file, formatter, max_bytes, backups))
    }

    pub(crate) fn of(file: LineFile, formatter: Arc<dyn Formatter>, max_bytes: u64, backups: u32) -> Self {
        Self { file: Mutex::new(file), formatter, max_bytes, backups }
    }

    /// Whether the file is rotated before a line of this length: the line would reach the bound, and the file is not
    /// empty.
    fn is_due(&self, file: &mut LineFile, line: usize) -> io::Result<bool> {
        let is_on = self.max_bytes > 0 && self.backups > 0;
        let reaches_bound = is_on && file.len()? > 0 && file.len()? + line as u64 >= self.max_bytes;
        Ok(reaches_bound && !is_special(file.path()))
    }
}

impl Handler for RotatingFileHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let text = line(&*self.formatter, record, "\n")?;
        let mut file = lock(&self.file);
        if self.is_due(&mut file, text.len())? {
            file.close();
            shift(file.path(), self.backups)?;
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

impl BuiltInHandler for RotatingFileHandler {
    fn activate(&self) -> Result<(), HandlerError> {
        Ok(lock(&self.file).activate()?)
    }
}

/// Renames `name.1` to `name.2`, and so on, and `name` to `name.1`. The oldest file is replaced.
fn shift(path: &Path, backups: u32) -> io::Result<()> {
    for number in (1..backups).rev() {
        rename(&with_suffix(path, &number.to_string()), &with_suffix(path, &(number + 1).to_string()))?;
    }
    rename(path, &with_suffix(path, "1"))
}
