//! The thread that a record was logged on.

use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The thread that a record was logged on.
///
/// # Examples
///
/// ```
/// let here = opencensus_logging::ThreadInfo::current();
/// println!("{} is thread {}", here.name, here.id);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ThreadInfo {
    /// A number within the process: threads are counted in the order of their first records.
    pub id: u64,
    /// The thread's name, or `Thread-7` if it has none.
    pub name: String,
}

impl ThreadInfo {
    /// A thread with this number and name.
    #[must_use]
    pub fn new(id: u64, name: impl Into<String>) -> Self {
        Self { id, name: name.into() }
    }

    /// The current thread.
    #[must_use]
    pub fn current() -> Arc<Self> {
        thread_local!(static CURRENT: OnceCell<Arc<ThreadInfo>> = const { OnceCell::new() });
        // A thread that is about to end has no thread-local values any more.
        CURRENT
            .try_with(|current| Arc::clone(current.get_or_init(|| Arc::new(Self::of_current()))))
            .unwrap_or_else(|_| Arc::new(Self::of_current()))
    }

    fn of_current() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let thread = std::thread::current();
        Self { id, name: thread.name().map_or_else(|| format!("Thread-{id}"), str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_have_a_number_and_a_name() {
        let here = ThreadInfo::current();
        assert_eq!(here, ThreadInfo::current());
        let there =
            std::thread::Builder::new().name("worker".into()).spawn(ThreadInfo::current).unwrap().join().unwrap();
        assert!(there.id != here.id && there.name == "worker");
    }
}
