//! Counts records that do not fit their format, on the thread that formats them.

use std::cell::Cell;

thread_local!(static MISFITS: Cell<u64> = const { Cell::new(0) });

/// Counts a record whose values do not fit its message, or that lacks a field of the format.
pub(super) fn count() {
    let _ = MISFITS.try_with(|misfits| misfits.set(misfits.get() + 1));
}

/// The number of misfits on this thread since the last call.
pub(crate) fn take() -> u64 {
    MISFITS.try_with(Cell::take).unwrap_or(0)
}
