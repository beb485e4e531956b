//! A file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::formatters::Formatter;
use crate::handlers::line::line;
use crate::handlers::{Encoding, Handler, HandlerError};
use crate::lock::lock;
use crate::record::Record;

/// A file that is written line by line.
#[derive(Debug)]
pub(crate) struct LineFile {
    path: PathBuf,
    truncate: bool,
    encoding: Encoding,
    file: Option<File>,
    len: u64,
    // The last line could not be written whole.
    torn: bool,
}

impl LineFile {
    /// The file, opened now unless `delay`.
    pub(crate) fn new(path: PathBuf, truncate: bool, delay: bool) -> io::Result<Self> {
        let encoding = Encoding::default();
        let mut file = Self { path, truncate, encoding, file: None, len: 0, torn: false };
        if !delay {
            file.open()?;
        }
        Ok(file)
    }

    pub(crate) fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes in it. A file that is not open yet is opened.
    pub(crate) fn len(&mut self) -> io::Result<u64> {
        self.open()?;
        Ok(self.len)
    }

    fn open(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            options.create(true);
            // Always at the end, wherever that is by now: others may write to it as well.
            let file = options.append(true).open(&self.path)?;
            self.len = file.metadata()?.len();
            self.file = Some(file);
        }
        self.file.as_mut().ok_or_else(|| io::Error::other("the file is not open"))
    }

    /// The configuration that made it holds: what was in the file before goes, if it is to.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.truncate) {
            self.open()?.set_len(0)?;
            self.len = 0;
        }
        Ok(())
    }

    pub(crate) fn close(&mut self) {
        self.file = None;
    }

    /// Writes a record's text with its terminator. After a line that was cut off, a new one begins.
    pub(crate) fn write(&mut self, text: &str) -> Result<(), HandlerError> {
        let bytes = self.encoding.encode(text)?;
        Ok(self.write_bytes(&bytes)?)
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.begin()?;
        let was_torn = std::mem::take(&mut self.torn);
        let file = self.open()?;
        let newline: &[u8] = if was_torn { b"\n" } else { b"" };
        let (mut written, mut result) = (0, Ok(()));
        for part in [newline, bytes] {
            let mut rest = part;
            while !rest.is_empty() && result.is_ok() {
                match file.write(rest) {
                    Ok(0) => result = Err(io::ErrorKind::WriteZero.into()),
                    Ok(count) => {
                        written += count;
                        rest = &rest[count..];
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => result = Err(error),
                }
            }
        }
        self.len += written as u64;
        self.torn = result.is_err() && (written > 0 || was_torn);
        result
    }

    /// Whether the path names another file than the one that is open, or none.
    #[cfg(unix)]
    fn is_moved(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let Some(open) = self.file.as_ref().and_then(|file| file.metadata().ok()) else { return false };
        !std::fs::metadata(&self.path).is_ok_and(|named| (named.dev(), named.ino()) == (open.dev(), open.ino()))
    }

    /// Where files have no numbers: whether the path names none.
    #[cfg(not(unix))]
    fn is_moved(&self) -> bool {
        self.file.is_some() && !self.path.exists()
    }
}

/// Writes to a file, and goes on with it when somebody renames it.
pub struct FileHandler {
    file: Mutex<LineFile>,
    formatter: Arc<dyn Formatter>,
    terminator: String,
    watched: bool,
}

impl FileHandler {
    /// Appends to this file, which is opened now.
    ///
    /// # Errors
    ///
    /// The file cannot be opened.
    pub fn open(path: impl Into<PathBuf>, formatter: Arc<dyn Formatter>) -> io::Result<Self> {
        LineFile::new(path.into(), false, false).map(|file| Self::of(file, formatter))
    }

    pub(crate) fn of(file: LineFile, formatter: Arc<dyn Formatter>) -> Self {
        Self { file: Mutex::new(file), formatter, terminator: "\n".to_owned(), watched: false }
    }

    /// What ends a record. Default: a line feed.
    #[must_use]
    pub fn with_terminator(mut self, terminator: impl Into<String>) -> Self {
        self.terminator = terminator.into();
        self
    }

    /// Opens the file anew when somebody has moved it away, as `logrotate` does. Default: no.
    #[must_use]
    pub fn watching(mut self) -> Self {
        self.watched = true;
        self
    }
}

impl Handler for FileHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let text = line(&*self.formatter, record, &self.terminator)?;
        let mut file = lock(&self.file);
        if self.watched && file.is_moved() {
            file.close();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_line_that_was_cut_off_a_new_one_begins() {
        let path = std::env::temp_dir().join(format!("opencensus-logging-torn-{}", std::process::id()));
        let mut file = LineFile::new(path.clone(), true, false).unwrap();
        file.write("cut o").unwrap();
        file.torn = true;
        file.write("whole\n").unwrap();
        file.write("next\n").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        assert_eq!((text.as_str(), file.len().unwrap()), ("cut o\nwhole\nnext\n", 17));
    }
}
