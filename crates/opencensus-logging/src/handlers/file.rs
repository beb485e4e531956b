//! A handler that writes to a file.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::formatters::Formatter;
use crate::handler_error::HandlerError;
use crate::handlers::line::line;
use crate::handlers::line_file::Look;
use crate::handlers::open_files::{self, SharedFile};
use crate::handlers::{BuiltInHandler, Encoding, Handler};
use crate::lock::lock;
use crate::record::Record;

/// Writes records to a file. If the file was renamed or removed, as by `logrotate`, the handler opens the path again,
/// after a second at the latest. A new file has the mode 0640 (on Unix). Handlers of one path share one file.
///
/// # Examples
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("opencensus-docs-file-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::env::set_current_dir(&folder)?;
/// use opencensus_logging::formatters::StandardFormatter;
/// use opencensus_logging::handlers::FileHandler;
/// use opencensus_logging::{Level, Logging};
/// use std::sync::Arc;
///
/// let handler = FileHandler::open("shop.log", Arc::new(StandardFormatter::message_only()))?;
/// Logging::global().add_handler("shop", "file", Level::INFO, handler);
/// # std::env::set_current_dir(std::env::temp_dir())?;
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct FileHandler {
    file: SharedFile,
    formatter: Arc<dyn Formatter>,
    terminator: String,
}

impl FileHandler {
    /// A handler that appends to this file, which is opened now.
    ///
    /// # Errors
    ///
    /// The file cannot be opened.
    pub fn open(path: impl Into<PathBuf>, formatter: Arc<dyn Formatter>) -> io::Result<Self> {
        Self::open_with(path.into(), formatter, Look::DEFAULT)
    }

    /// As [`open`](Self::open), with a handler that looks before each record whether the file was renamed or removed, as
    /// Python's `WatchedFileHandler`.
    ///
    /// # Errors
    ///
    /// The file cannot be opened.
    pub fn watch(path: impl Into<PathBuf>, formatter: Arc<dyn Formatter>) -> io::Result<Self> {
        Self::open_with(path.into(), formatter, Look::ALWAYS)
    }

    fn open_with(path: PathBuf, formatter: Arc<dyn Formatter>, look: Look) -> io::Result<Self> {
        let file = open_files::shared(path, Encoding::default(), look, false, false)?;
        Ok(Self::of(file, formatter))
    }

    pub(crate) fn of(file: SharedFile, formatter: Arc<dyn Formatter>) -> Self {
        Self { file, formatter, terminator: "\n".to_owned() }
    }

    /// Sets the text at the end of each record. Default: a line feed.
    #[must_use]
    pub fn with_terminator(mut self, terminator: impl Into<String>) -> Self {
        self.terminator = terminator.into();
        self
    }
}

impl Handler for FileHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let text = line(&*self.formatter, record, &self.terminator)?;
        lock(&self.file).write(&text)
    }

    fn close(&self) {
        lock(&self.file).close();
    }

    fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        Some(self)
    }
}

impl BuiltInHandler for FileHandler {
    fn activate(&self) -> Result<(), HandlerError> {
        Ok(lock(&self.file).activate()?)
    }

    fn take_complaint(&self) -> Option<String> {
        lock(&self.file).take_complaint()
    }
}
