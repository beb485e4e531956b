//! All outboxes of a logging system.

use std::sync::{Arc, Mutex, Weak};

use crate::handler_error::HandlerError;
use crate::lock::lock;
use crate::mail::queued_mail::QueuedMail;

/// An outbox that can take over the mails of a replaced one.
pub(super) trait Successor: Send + Sync {
    /// Whether it is open, and belongs to a handler of this name.
    fn accepts(&self, handler: &str) -> bool;

    /// Takes over mails.
    ///
    /// # Errors
    ///
    /// The mails wait without a thread that sends them.
    fn take_over(self: Arc<Self>, mails: Vec<QueuedMail>) -> Result<(), HandlerError>;
}

/// All outboxes of a logging system.
#[derive(Default)]
pub(crate) struct Outboxes(Mutex<Vec<Weak<dyn Successor>>>);

impl Outboxes {
    pub(super) fn add(&self, outbox: &Arc<dyn Successor>) {
        let mut outboxes = lock(&self.0);
        outboxes.retain(|outbox| outbox.strong_count() > 0);
        outboxes.push(Arc::downgrade(outbox));
    }

    /// The newest open outbox of a handler of this name.
    pub(super) fn successor(&self, handler: &str) -> Option<Arc<dyn Successor>> {
        let outboxes = lock(&self.0).clone();
        outboxes.iter().rev().filter_map(Weak::upgrade).find(|outbox| outbox.accepts(handler))
    }
}
