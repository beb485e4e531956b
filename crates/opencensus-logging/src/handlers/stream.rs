//! A handler that writes to a stream.

use std::sync::Arc;

use crate::formatters::Formatter;
use crate::handler_error::HandlerError;
use crate::handlers::Handler;
use crate::handlers::line::line;
use crate::record::Record;
use crate::stream::Stream;

/// Writes records to a stream, such as standard error.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::JsonFormatter;
/// use opencensus_logging::handlers::{Stream, StreamHandler};
/// use opencensus_logging::{Level, Logging};
/// use std::sync::Arc;
///
/// let stdout = Stream::new(std::io::stdout());
/// let logging = Logging::builder().build();
/// logging.add_handler("", "json", Level::INFO, StreamHandler::new(stdout, Arc::new(JsonFormatter::new())));
/// ```
pub struct StreamHandler {
    stream: Stream,
    formatter: Arc<dyn Formatter>,
    terminator: String,
}

impl StreamHandler {
    /// A handler that writes to this stream.
    #[must_use]
    pub fn new(stream: Stream, formatter: Arc<dyn Formatter>) -> Self {
        let formatter = formatter.for_terminal().filter(|_| stream.is_terminal()).unwrap_or(formatter);
        Self { stream, formatter, terminator: "\n".to_owned() }
    }

    /// Sets the text at the end of each record. Default: a line feed.
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
