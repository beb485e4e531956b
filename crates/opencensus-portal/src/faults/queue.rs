//! The faults that are active, and the posts that they were applied to.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use crate::faults::fault::Fault;
use crate::faults::fault_error::FaultError;

/// The most faults that are active.
const MAX_FAULTS: usize = 100;
/// The most posts that are listed.
const MAX_POSTS: usize = 100;
/// The most kibibytes of bodies that wait for the end of a delay.
const MAX_WAITING: usize = 64 * 1024;

/// The active faults in the order in which they apply, and the posts that faults were applied to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FaultReport {
    /// The faults that are active. Each applies once the ones before it are used up.
    pub active: Vec<ActiveFault>,
    /// The number of posts that faults were applied to since the portal started.
    pub hits: u64,
    /// The newest of these posts, the newest last, at most 100.
    pub posts: Vec<FaultyPost>,
}

/// A fault, and the number of posts that it still applies to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActiveFault {
    /// The fault.
    pub fault: Fault,
    /// The number of posts that it still applies to. `None`: until it is ended.
    pub left: Option<u32>,
}

/// A post that a fault was applied to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FaultyPost {
    /// The time at which its body had arrived, in microseconds since 1970.
    pub time: i64,
    /// The path, at most 256 characters of it.
    pub path: String,
    /// The bytes of its body as received.
    pub bytes: usize,
    /// The fault in words, such as `503 with Retry-After 5`.
    pub fault: String,
}

/// The state that the middleware, the API and the handle share.
#[derive(Debug)]
pub(crate) struct Faults {
    report: Mutex<FaultReport>,
    /// Counts the changes of the report.
    changes: watch::Sender<u64>,
    /// The kibibytes of bodies that may wait.
    waiting: Semaphore,
}

impl Default for Faults {
    fn default() -> Self {
        Self { report: Mutex::default(), changes: watch::Sender::default(), waiting: Semaphore::new(MAX_WAITING) }
    }
}

impl Faults {
    /// Adds a fault behind the active ones.
    pub(crate) fn add(&self, fault: Fault) -> Result<(), FaultError> {
        fault.check()?;
        let mut report = self.lock();
        if report.active.len() >= MAX_FAULTS {
            return Err(FaultError::TooMany(MAX_FAULTS));
        }
        let left = (fault.times > 0).then_some(fault.times);
        report.active.push(ActiveFault { fault, left });
        self.changes.send_modify(|changes| *changes += 1);
        Ok(())
    }

    pub(crate) fn end(&self) {
        self.lock().active.clear();
        self.changes.send_modify(|changes| *changes += 1);
    }

    pub(crate) fn report(&self) -> FaultReport {
        self.lock().clone()
    }

    /// Subscribes to changes of the report.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(crate) fn is_active(&self) -> bool {
        !self.lock().active.is_empty()
    }

    /// Takes one application of the first fault, for a post that arrived at `time` at this path.
    pub(super) fn take(&self, time: i64, path: &str, bytes: usize) -> Option<Fault> {
        let mut report = self.lock();
        let first = report.active.first_mut()?;
        let fault = first.fault.clone();
        first.left = first.left.map(|left| left.saturating_sub(1));
        if first.left == Some(0) {
            report.active.remove(0);
        }
        report.hits += 1;
        if report.posts.len() >= MAX_POSTS {
            report.posts.remove(0);
        }
        let path = path.chars().take(256).collect();
        report.posts.push(FaultyPost { time, path, bytes, fault: fault.to_string() });
        self.changes.send_modify(|changes| *changes += 1);
        Some(fault)
    }

    /// Waits until a body of this size in bytes may wait for the end of a delay.
    pub(super) async fn wait_turn(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        let kibibytes = bytes.div_ceil(1024).min(MAX_WAITING);
        self.waiting.acquire_many(kibibytes as u32).await.ok()
    }

    fn lock(&self) -> MutexGuard<'_, FaultReport> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_apply_in_order_each_as_often_as_it_says() {
        let faults = Faults::default();
        faults.add(Fault::status(500).times(2)).unwrap();
        faults.add(Fault::status(503)).unwrap();
        let taken: Vec<_> = (0..4).map(|at| faults.take(at, "/v2/track", 1).map(|fault| fault.to_string())).collect();
        assert_eq!(taken, [Some("500".into()), Some("500".into()), Some("503".into()), None]);
        let report = faults.report();
        assert_eq!((report.active.len(), report.hits, report.posts.len()), (0, 3, 3));
    }

    #[test]
    fn fault_without_an_end_applies_until_it_is_ended_and_the_list_is_bounded() {
        let faults = Faults::default();
        faults.add(Fault::status(500).until_ended()).unwrap();
        let path = "/".repeat(1000);
        assert!((0..500).all(|at| faults.take(at, &path, 1).is_some()));
        let report = faults.report();
        assert_eq!((report.hits, report.posts.len(), report.posts[0].time), (500, MAX_POSTS, 400));
        assert_eq!(report.posts[0].path.len(), 256);
        faults.end();
        assert!(faults.take(0, "/", 1).is_none());
        let add = || faults.add(Fault::status(500));
        assert!((0..MAX_FAULTS).all(|_| add().is_ok()));
        assert_eq!(add(), Err(FaultError::TooMany(MAX_FAULTS)));
    }
}
