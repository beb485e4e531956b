#![doc = include_str!("../README.md")]

pub mod config;
pub mod database;
mod dialect;
mod error;
mod factories;
pub mod filters;
pub mod formatters;
pub mod frontend;
#[cfg(feature = "file")]
#[doc = include_str!("../docs/guide.md")]
pub mod guide {}
pub mod handlers;
mod level;
mod lock;
mod logger;
#[cfg(feature = "mail")]
pub mod mail;
mod record;
mod registry;
mod shared;
mod system;

pub use dialect::Dialect;
pub use error::{ErrorLink, LoggedError};
pub use level::Level;
pub use logger::{Entry, Logger};
pub use record::{Args, RESERVED, Record, ReservedField, Source, SpanName, ThreadInfo, Trace};
pub use registry::LoggerState;
pub use system::{Logging, LoggingBuilder, LoggingStats, UnknownTimeZone};

/// The logger of this name in the program's own [`Logging`].
#[must_use]
pub fn get_logger(name: &str) -> Logger {
    Logging::global().get_logger(name)
}
