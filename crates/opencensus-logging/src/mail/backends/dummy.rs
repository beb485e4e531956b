//! A backend that discards mails.

use crate::mail::{Mail, MailBackend, MailError};

/// Discards mails.
#[derive(Clone, Copy, Debug, Default)]
pub struct DummyBackend;

impl MailBackend for DummyBackend {
    fn send(&self, _: &Mail) -> Result<(), MailError> {
        Ok(())
    }
}
