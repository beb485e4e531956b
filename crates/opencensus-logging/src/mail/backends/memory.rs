//! A backend that keeps mails in memory.

use std::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::mail::{Mail, MailBackend, MailError};

/// Keeps mails in memory, for tests: Django's `mail.outbox`. Clones share the mails.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::{MailSettings, MemoryBackend};
///
/// let outbox = MemoryBackend::default();
/// let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(outbox.clone());
/// assert!(outbox.mails().is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryBackend {
    mails: Arc<Mutex<Vec<Mail>>>,
}

impl MemoryBackend {
    /// The mails that were sent so far.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.mails).clone()
    }
}

impl MailBackend for MemoryBackend {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        lock(&self.mails).push(mail.clone());
        Ok(())
    }
}
