//! A handler that rotates its file by size.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::formatters::Formatter;
use crate::handler_error::HandlerError;
use crate::handlers::backup_files::{is_special, rename, with_suffix};
use crate::handlers::line::line;
use crate::handlers::line_file::{LineFile, Look};
use crate::handlers::open_files::{self, SharedFile};
use crate::handlers::{BuiltInHandler, Encoding, Handler};
use crate::lock::lock;
use crate::record::Record;

/// Writes records to a file of bounded size; older files are `name.1` to `name.N`, as in Python. A record that is
/// larger than the bound is alone in its file. The size is that of the file, whoever writes to it; of several processes
/// that write to one file, one rotates it, and the others continue with the new file. If the file cannot be rotated,
/// records go on to it, that is reported once, and it is tried again.
///
/// # Examples
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("opencensus-docs-rotation-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::env::set_current_dir(&folder)?;
/// # use opencensus_logging::formatters::StandardFormatter;
/// use opencensus_logging::handlers::RotatingFileHandler;
/// use std::sync::Arc;
///
/// let formatter = Arc::new(StandardFormatter::message_only());
/// // `shop.log` of at most 10 MB, and `shop.log.1` to `shop.log.5`.
/// let handler = RotatingFileHandler::open("shop.log", formatter, 10_000_000, 5)?;
/// # std::env::set_current_dir(std::env::temp_dir())?;
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct RotatingFileHandler {
    file: SharedFile,
    formatter: Arc<dyn Formatter>,
    max_bytes: u64,
    backups: u32,
    counts_characters: bool,
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
        let file = open_files::shared(path.into(), Encoding::default(), Look::DEFAULT, false, false)?;
        Ok(Self::of(file, formatter, max_bytes, backups))
    }

    pub(crate) fn of(file: SharedFile, formatter: Arc<dyn Formatter>, max_bytes: u64, backups: u32) -> Self {
        Self { file, formatter, max_bytes, backups, counts_characters: false }
    }

    /// Counts the characters of the line that is written, instead of its bytes, as Python does.
    pub(crate) fn counting_characters(mut self, counts_characters: bool) -> Self {
        self.counts_characters = counts_characters;
        self
    }

    /// Whether the file is rotated before a line of this length: the line would reach the bound, and the file is not
    /// empty.
    fn is_due(&self, file: &mut LineFile, line: usize) -> io::Result<bool> {
        if self.max_bytes == 0 || self.backups == 0 || !file.may_rotate() {
            return Ok(false);
        }
        let len = file.len()?;
        let reaches_bound = len > 0 && len.saturating_add(line as u64) >= self.max_bytes;
        Ok(reaches_bound && !is_special(file.path()))
    }
}

impl Handler for RotatingFileHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let text = line(&*self.formatter, record, "\n")?;
        let mut file = lock(&self.file);
        file.look();
        let length = if self.counts_characters { text.chars().count() } else { text.len() };
        if self.is_due(&mut file, length)? {
            file.rotate(|path| shift(path, self.backups));
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

    fn take_complaint(&self) -> Option<String> {
        lock(&self.file).take_complaint()
    }
}

/// Renames `name.1` to `name.2`, and so on, and `name` to `name.1`. The oldest file is replaced.
fn shift(path: &Path, backups: u32) -> io::Result<()> {
    for number in (1..backups).rev() {
        rename(&with_suffix(path, &number.to_string()), &with_suffix(path, &(number + 1).to_string()))?;
    }
    rename(path, &with_suffix(path, "1"))
}
