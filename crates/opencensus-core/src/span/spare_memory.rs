//! Memory that a thread uses again.

use std::cell::RefCell;
use std::sync::Arc;
use std::thread::LocalKey;

/// Most values whose memory a thread keeps.
pub(super) const MAX_SPARE: usize = 32;

/// The memory of values that a thread has released, in a thread-local. To allocate and to free a small value costs more than
/// to fill it.
#[derive(Debug)]
pub(super) struct SpareMemory<T>(RefCell<Vec<Arc<T>>>);

impl<T> SpareMemory<T> {
    pub(super) const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.borrow().len()
    }
}

/// A value that the thread has released, to be filled again.
#[inline(always)]
pub(super) fn take<T>(memory: &'static LocalKey<SpareMemory<T>>) -> Option<Arc<T>> {
    memory.try_with(|memory| memory.0.borrow_mut().pop()).ok().flatten()
}

/// Keeps the memory of a value to which there is no other reference. If it does not belong to the same owner as the others,
/// all are freed, so that the thread keeps one owner at most.
#[inline]
pub(super) fn keep<T>(
    memory: &'static LocalKey<SpareMemory<T>>,
    value: Arc<T>,
    have_same_owner: impl FnOnce(&T, &T) -> bool,
) {
    let has_same_owner = memory.try_with(|memory| {
        let mut memory = memory.0.borrow_mut();
        let has_same_owner = memory.last().is_none_or(|last| have_same_owner(last, &value));
        if has_same_owner && memory.len() < MAX_SPARE {
            memory.push(value);
        }
        has_same_owner
    });
    if has_same_owner == Ok(false) {
        free_all(memory);
    }
}

#[cold]
fn free_all<T>(memory: &'static LocalKey<SpareMemory<T>>) {
    // Nothing is borrowed while they are dropped.
    drop(memory.try_with(|memory| memory.0.take()));
}
