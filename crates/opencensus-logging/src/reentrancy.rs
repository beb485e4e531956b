//! Drops records that a handler logs while it handles a record.

use std::cell::Cell;

thread_local!(static IS_HANDLING: Cell<bool> = const { Cell::new(false) });

/// Marks the current thread as one that handles a record. Records that it logs meanwhile are dropped: a handler that
/// logs would otherwise receive its own records endlessly.
pub(crate) struct ReentrancyGuard;

impl ReentrancyGuard {
    /// Marks the thread. `None`: it is marked already.
    pub(crate) fn enter() -> Option<Self> {
        let was_handling = IS_HANDLING.try_with(|is_handling| is_handling.replace(true)).unwrap_or(false);
        // Not `then_some`: a guard that is made and dropped would remove the other guard's mark.
        if was_handling { None } else { Some(Self) }
    }
}

impl Drop for ReentrancyGuard {
    fn drop(&mut self) {
        let _ = IS_HANDLING.try_with(|is_handling| is_handling.set(false));
    }
}
