//! Loggers by target, and the level `TRACE`, for both front ends.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::level::Level;
use crate::logger::Logger;
use crate::logging::Logging;
use crate::record::Record;

/// The level of `TRACE`, which Python does not have.
pub(super) const TRACE: Level = Level::from_number(5);

/// The most loggers that a front end keeps. A program may make targets of `log` at run time, even from data of its
/// clients.
const KEPT: usize = 1024;

/// Loggers by target, without the lock of the tree.
pub(super) struct LoggerCache {
    pub(super) logging: Logging,
    loggers: RwLock<HashMap<String, Logger>>,
}

impl LoggerCache {
    pub(super) fn new(logging: &Logging) -> Self {
        Self { logging: logging.clone(), loggers: RwLock::default() }
    }

    pub(super) fn get(&self, target: &str) -> Logger {
        if let Some(logger) = self.loggers.read().unwrap_or_else(PoisonError::into_inner).get(target) {
            return logger.clone();
        }
        if self.loggers.read().unwrap_or_else(PoisonError::into_inner).len() >= KEPT {
            return self.logging.transient_logger(target);
        }
        let logger = self.logging.get_logger(target);
        let mut loggers = self.loggers.write().unwrap_or_else(PoisonError::into_inner);
        loggers.insert(target.to_owned(), logger.clone());
        logger
    }
}

/// A record at a level of a front end.
pub(super) fn new_record(logger: &Logger, level: Level, message: String) -> Record {
    let mut record = logger.new_record(level, message);
    if level == TRACE {
        record.level_name = Cow::Borrowed("TRACE");
    }
    record
}
