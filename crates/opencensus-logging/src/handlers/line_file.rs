//! A file that is written line by line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::handler_error::HandlerError;
use crate::handlers::Encoding;

/// A file that is written line by line.
#[derive(Debug)]
pub(crate) struct LineFile {
    path: PathBuf,
    truncate: bool,
    encoding: Encoding,
    file: Option<File>,
    len: u64,
    // The last line was not written completely.
    torn: bool,
}

impl LineFile {
    /// The file; it is opened now, unless `delay` is set.
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

    /// The length in bytes. Opens the file if it is not open yet.
    pub(crate) fn len(&mut self) -> io::Result<u64> {
        self.open()?;
        Ok(self.len)
    }

    fn open(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            options.create(true);
            // Writes to the end, even if other processes write to the file.
            let file = options.append(true).open(&self.path)?;
            self.len = file.metadata()?.len();
            self.file = Some(file);
        }
        self.file.as_mut().ok_or_else(|| io::Error::other("the file is not open"))
    }

    /// Called when the configuration that made the handler is applied: truncates the file, if that is configured.
    pub(crate) fn activate(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.truncate) {
            self.open()?.set_len(0)?;
            self.len = 0;
        }
        Ok(())
    }

    pub(crate) fn close(&mut self) {
        self.file = None;
    }

    /// Writes a record's line. An incomplete line before it is ended first.
    pub(crate) fn write(&mut self, text: &str) -> Result<(), HandlerError> {
        let bytes = self.encoding.encode(text)?;
        Ok(self.write_bytes(&bytes)?)
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.activate()?;
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

    /// Whether the path leads to another file than the open one, or to none.
    #[cfg(unix)]
    pub(super) fn is_moved(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let Some(open) = self.file.as_ref().and_then(|file| file.metadata().ok()) else { return false };
        !std::fs::metadata(&self.path).is_ok_and(|named| (named.dev(), named.ino()) == (open.dev(), open.ino()))
    }

    /// Whether the path leads to no file.
    #[cfg(not(unix))]
    pub(super) fn is_moved(&self) -> bool {
        self.file.is_some() && !self.path.exists()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incomplete_line_is_ended_before_the_next_line() {
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
