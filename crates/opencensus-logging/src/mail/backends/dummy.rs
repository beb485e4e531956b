//! A backend that discards mails.

use crate::mail::{Mail, MailBackend, MailError};

/// Discards mails.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::{DummyBackend, MailSettings};
///
/// let mail = MailSettings::default().with_backend(DummyBackend);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct DummyBackend;

impl MailBackend for DummyBackend {
    fn send(&self, _: &Mail) -> Result<(), MailError> {
        Ok(())
    }
}
