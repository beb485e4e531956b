//! A mail that waits for the mail server.

use crate::mail::Mail;
use crate::mail::spool::Stored;

/// A mail that waits for the mail server.
pub(super) struct QueuedMail {
    pub(super) mail: Mail,
    /// The mail's file, in which it survives the process.
    pub(super) stored: Option<Stored>,
}

impl QueuedMail {
    /// Removes the mail's file.
    pub(super) fn remove(self) {
        if let Some(stored) = self.stored {
            stored.remove();
        }
    }
}
