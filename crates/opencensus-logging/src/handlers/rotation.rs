//! A file that makes room for a new one when it is large.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::formatters::Formatter;
use crate::handlers::file::LineFile;
use crate::handlers::line::line;
use crate::handlers::{Handler, HandlerError};
use crate::lock::lock;
use crate::record::Record;

/// Writes to a file of at most so many bytes; older ones are `name.1` to `name.N`, as in Python. A record that is
/// larger goes alone.
pub struct RotatingFileHandler {
    file: Mutex<LineFile>,
    formatter: Arc<dyn Formatter>,
    max_bytes: u64,
    backups: u32,
}

impl RotatingFileHandler {
    /// Appends to this file, which is opened now. No `max_bytes` or no `backups`: it grows for ever.
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

    /// Before the line that would reach the bound. An empty file makes no room for itself.
    fn rolls(&self, file: &mut LineFile, line: usize) -> io::Result<bool> {
        let is_on = self.max_bytes > 0 && self.backups > 0;
        let is_due = is_on && file.len()? > 0 && file.len()? + line as u64 >= self.max_bytes;
        Ok(is_due && !is_special(file.path()))
    }
}

impl Handler for RotatingFileHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let text = line(&*self.formatter, record, "\n")?;
        let mut file = lock(&self.file);
        if self.rolls(&mut file, text.len())? {
            file.close();
            shift(file.path(), self.backups)?;
        }
        file.write(&text)
    }

    fn begin(&self) -> Result<(), HandlerError> {
        Ok(lock(&self.file).begin()?)
    }

    fn close(&self) {
        lock(&self.file).close();
    }
}

/// `name.1` becomes `name.2`, and so on; `name` becomes `name.1`. The oldest goes.
fn shift(path: &Path, backups: u32) -> io::Result<()> {
    for number in (1..backups).rev() {
        rename(&with_suffix(path, &number.to_string()), &with_suffix(path, &(number + 1).to_string()))?;
    }
    rename(path, &with_suffix(path, "1"))
}

/// Whether it is there and no plain file: a pipe or a device such as `/dev/stdout` keeps its name.
pub(super) fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

/// What is not there needs no other name.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(suffix);
    name.into()
}
