//! Counts the users of a part that works only if it is needed.

use std::sync::atomic::{AtomicUsize, Ordering};

/// One user of a part, until it is dropped.
#[derive(Debug)]
pub(crate) struct InUse(&'static AtomicUsize);

impl InUse {
    pub(crate) fn new(users: &'static AtomicUsize) -> Self {
        users.fetch_add(1, Ordering::Relaxed);
        Self(users)
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
