//! A backend that writes mails to a stream.

use crate::mail::mime::{SEPARATOR, compose};
use crate::mail::{Mail, MailBackend, MailError};
use crate::stream::Stream;

/// Writes mails to a stream, by default standard output.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::{ConsoleBackend, MailSettings};
///
/// let mail = MailSettings::default().with_backend(ConsoleBackend::default());
/// ```
#[derive(Clone, Debug)]
pub struct ConsoleBackend {
    stream: Stream,
}

impl ConsoleBackend {
    /// A backend that writes to this stream.
    #[must_use]
    pub fn new(stream: Stream) -> Self {
        Self { stream }
    }
}

impl Default for ConsoleBackend {
    fn default() -> Self {
        Self::new(Stream::new(std::io::stdout()))
    }
}

impl MailBackend for ConsoleBackend {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let text = String::from_utf8_lossy(&compose(mail)?.formatted()).replace("\r\n", "\n");
        Ok(self.stream.write(&format!("{}\n{SEPARATOR}\n", text.trim_end_matches('\n')))?)
    }
}
