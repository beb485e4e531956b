//! Records of the `log` and `tracing` crates.
//!
//! [`Logging::install`] makes a system the program's own and connects whatever is not connected to somebody else
//! yet. However many of a foreign subscriber, a foreign logger and `LogTracer` were there before, or come after:
//! what is said once comes here at most once.
//!
//! | before | `log` | `tracing` |
//! | --- | --- | --- |
//! | nobody | directly | directly |
//! | a foreign subscriber | directly | not at all, unless [`layer`] is a part of it |
//! | `LogTracer` | through `tracing` | directly |
//! | both | through `tracing`, if [`layer`] is a part of the subscriber | if [`layer`] is a part of it |
//!
//! A target is the logger's name: `shop::cart` is `shop.cart`. Levels are those of the same name; `TRACE` is 5.

#[cfg(feature = "log")]
mod log;
#[cfg(feature = "tracing")]
mod tracing;

#[cfg(feature = "tracing")]
pub use self::tracing::{TracingFilter, TracingLayer, layer};

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::level::Level;
use crate::logger::Logger;
use crate::record::Record;
use crate::system::Logging;

/// What was connected.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Installed {
    /// The system is the one that [`get_logger`](crate::get_logger) asks.
    pub global: bool,
    /// Records of `log` come directly.
    pub log: bool,
    /// Events of `tracing` come directly.
    pub tracing: bool,
}

impl Logging {
    /// Makes this the program's own system, and connects `log` and `tracing` as far as nobody else has them.
    pub fn install(&self) -> Installed {
        Installed {
            global: self.clone().make_global().is_ok(),
            #[cfg(feature = "log")]
            log: log::install(self),
            #[cfg(not(feature = "log"))]
            log: false,
            #[cfg(feature = "tracing")]
            tracing: self::tracing::install(self),
            #[cfg(not(feature = "tracing"))]
            tracing: false,
        }
    }
}

/// Below Python's levels.
const TRACE: Level = Level::from_number(5);

/// Loggers by target, found without the tree's lock.
#[cfg_attr(not(any(feature = "log", feature = "tracing")), expect(dead_code))]
struct LoggerCache {
    logging: Logging,
    loggers: RwLock<HashMap<String, Logger>>,
}

#[cfg_attr(not(any(feature = "log", feature = "tracing")), expect(dead_code))]
impl LoggerCache {
    fn new(logging: &Logging) -> Self {
        Self { logging: logging.clone(), loggers: RwLock::default() }
    }

    fn get(&self, target: &str) -> Logger {
        if let Some(logger) = self.loggers.read().unwrap_or_else(PoisonError::into_inner).get(target) {
            return logger.clone();
        }
        let logger = self.logging.get_logger(target);
        let mut loggers = self.loggers.write().unwrap_or_else(PoisonError::into_inner);
        loggers.insert(target.to_owned(), logger.clone());
        logger
    }
}

/// A record of a front end's level.
#[cfg_attr(not(any(feature = "log", feature = "tracing")), expect(dead_code))]
fn new_record(logger: &Logger, level: Level, message: String) -> Record {
    let mut record = logger.new_record(level, message);
    if level == TRACE {
        record.level_name = Cow::Borrowed("TRACE");
    }
    record
}
