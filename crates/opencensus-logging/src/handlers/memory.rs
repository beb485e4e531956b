//! Records that wait for something worth telling them for.

use std::sync::{Arc, Mutex};

use crate::handlers::{Handler, HandlerError, InstalledHandler};
use crate::level::Level;
use crate::lock::lock;
use crate::record::Record;

/// Keeps records until there are so many of them, or a grave one comes; then another handler gets them all. Its
/// filters are asked, its level is not, as in Python.
pub struct MemoryHandler {
    records: Mutex<Vec<Arc<Record>>>,
    capacity: usize,
    flush_level: Level,
    target: Option<Arc<InstalledHandler>>,
    flush_on_close: bool,
}

impl MemoryHandler {
    /// Keeps at most `capacity` records, and hands them on from `flush_level` up. Without a target they are dropped
    /// then.
    #[must_use]
    pub fn new(capacity: usize, flush_level: Level, target: Option<Arc<InstalledHandler>>) -> Self {
        Self { records: Mutex::default(), capacity, flush_level, target, flush_on_close: true }
    }

    /// Whether the rest is handed on at the end. Default: yes.
    #[must_use]
    pub fn with_flush_on_close(mut self, flush: bool) -> Self {
        self.flush_on_close = flush;
        self
    }

    fn hand_on(&self) {
        let records = std::mem::take(&mut *lock(&self.records));
        if let Some(target) = &self.target {
            records.into_iter().for_each(|mut record| target.handle(&mut record));
        }
    }
}

impl Handler for MemoryHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let mut records = lock(&self.records);
        records.push(Arc::clone(record));
        let is_due = records.len() >= self.capacity || record.level >= self.flush_level;
        drop(records);
        if is_due {
            self.hand_on();
        }
        Ok(())
    }

    fn keeps_at_rest(&self) -> bool {
        true
    }

    fn flushes_on_close(&self) -> bool {
        self.flush_on_close
    }

    fn flush(&self) -> Result<(), HandlerError> {
        self.hand_on();
        Ok(())
    }

    fn close(&self) {
        if self.flush_on_close {
            self.hand_on();
        } else {
            lock(&self.records).clear();
        }
    }
}

/// A handler that a configuration replaced may still have got records.
impl Drop for MemoryHandler {
    fn drop(&mut self) {
        if self.flush_on_close {
            self.hand_on();
        }
    }
}
