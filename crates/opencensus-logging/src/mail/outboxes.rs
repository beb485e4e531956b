//! Who takes over what another one leaves.

use std::sync::{Arc, Mutex, Weak};

use crate::lock::lock;
use crate::mail::outbox::Inner;

/// The outboxes of a logging system.
#[derive(Default)]
pub(crate) struct Outboxes(Mutex<Vec<Weak<Inner>>>);

impl Outboxes {
    pub(super) fn add(&self, inner: &Arc<Inner>) {
        let mut outboxes = lock(&self.0);
        outboxes.retain(|outbox| outbox.strong_count() > 0);
        outboxes.push(Arc::downgrade(inner));
    }

    /// The newest that takes what this one leaves.
    pub(super) fn successor_of(&self, one: &Inner) -> Option<Arc<Inner>> {
        let outboxes = lock(&self.0).clone();
        outboxes.iter().rev().filter_map(Weak::upgrade).find(|other| other.succeeds(one))
    }
}
