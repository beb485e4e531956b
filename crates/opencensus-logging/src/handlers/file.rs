//! A handler that writes to a file.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::formatters::Formatter;
use crate::handler_error::HandlerError;
use crate::handlers::line::line;
use crate::handlers::{BuiltInHandler, Handler, LineFile};
use crate::lock::lock;
use crate::record::Record;

/// Writes records to a file. It keeps writing to a file that is renamed.
///
/// # Examples
///
/// ```no_run
/// use opencensus_logging::formatters::StandardFormatter;
/// use opencensus_logging::handlers::FileHandler;
/// use opencensus_logging::{Level, Logging};
/// use std::sync::Arc;
///
/// let handler = FileHandler::open("shop.log", Arc::new(StandardFormatter::message_only()))?;
/// Logging::global().add_handler("shop", "file", Level::INFO, handler);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct FileHandler {
    file: Mutex<LineFile>,
    formatter: Arc<dyn Formatter>,
    terminator: String,
    watched: bool,
}

impl FileHandler {
    /// A handler that appends to this file, which is opened now.
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

    /// Sets the text at the end of each record. Default: a line feed.
    #[must_use]
    pub fn with_terminator(mut self, terminator: impl Into<String>) -> Self {
        self.terminator = terminator.into();
        self
    }

    /// Reopens the path when the file was moved away, as by `logrotate`. Default: no.
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
}
