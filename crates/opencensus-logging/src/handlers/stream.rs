//! Standard error and standard output.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use crate::formatters::Formatter;
use crate::handlers::line::line;
use crate::handlers::{Handler, HandlerError};
use crate::lock::lock;
use crate::record::Record;

/// A stream that handlers share, so that no line is torn.
#[derive(Clone)]
pub struct Stream {
    writer: Arc<Mutex<dyn Write + Send>>,
}

impl Stream {
    /// Somewhere.
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        Self { writer: Arc::new(Mutex::new(writer)) }
    }

    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        let mut writer = lock(&self.writer);
        writer.write_all(text.as_bytes())?;
        writer.flush()
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream")
    }
}

/// Writes to a stream, by default standard error.
pub struct StreamHandler {
    stream: Stream,
    formatter: Arc<dyn Formatter>,
    terminator: String,
}

impl StreamHandler {
    /// Writes to this stream in this form.
    #[must_use]
    pub fn new(stream: Stream, formatter: Arc<dyn Formatter>) -> Self {
        Self { stream, formatter, terminator: "\n".to_owned() }
    }

    /// What ends a record. Default: a line feed.
    #[must_use]
    pub fn with_terminator(mut self, terminator: impl Into<String>) -> Self {
        self.terminator = terminator.into();
        self
    }
}

impl Handler for StreamHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        Ok(self.stream.write(&line(&*self.formatter, record, &self.terminator)?)?)
    }
}
