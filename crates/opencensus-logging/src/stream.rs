//! A stream that handlers write to.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use crate::lock::lock;

/// A stream that several handlers may share: each text is written under one lock, so lines do not mix.
///
/// # Examples
///
/// ```
/// use opencensus_logging::Logging;
/// use opencensus_logging::handlers::Stream;
///
/// // Warnings and worse go to standard output as long as nothing is configured.
/// let logging = Logging::builder().with_stderr(Stream::new(std::io::stdout())).build();
/// ```
#[derive(Clone)]
pub struct Stream {
    writer: Arc<Mutex<dyn Write + Send>>,
}

impl Stream {
    /// A stream that writes to this writer, and flushes it after each text.
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
