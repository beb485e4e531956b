//! A stream that handlers write to.

use std::any::Any;
use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
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
    is_terminal: bool,
}

impl Stream {
    /// A stream that writes to this writer, and flushes it after each text.
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        let is_terminal = is_terminal(&writer);
        Self { writer: Arc::new(Mutex::new(writer)), is_terminal }
    }

    /// Whether the writer is standard output, standard error or a file, and a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        let mut writer = lock(&self.writer);
        writer.write_all(text.as_bytes())?;
        writer.flush()
    }
}

fn is_terminal(writer: &dyn Any) -> bool {
    let stdout = writer.downcast_ref::<io::Stdout>().map(io::Stdout::is_terminal);
    let stderr = || writer.downcast_ref::<io::Stderr>().map(io::Stderr::is_terminal);
    let file = || writer.downcast_ref::<File>().map(File::is_terminal);
    stdout.or_else(stderr).or_else(file).unwrap_or(false)
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream")
    }
}
