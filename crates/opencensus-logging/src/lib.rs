#![doc = include_str!("../README.md")]

mod background;
mod build;
pub mod config;
pub mod database;
mod dialect;
mod error;
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
mod logging;
#[cfg(feature = "mail")]
pub mod mail;
#[cfg(feature = "mail")]
mod private_file;
mod record;
mod registry;
#[cfg(feature = "mail")]
mod request_report;
mod shared;

pub use dialect::Dialect;
pub use error::{ErrorLink, LoggedError};
pub use level::Level;
pub use logger::{Entry, Logger};
pub use logging::{Logging, LoggingBuilder, LoggingStats, UnknownTimeZone};
pub use record::{Args, RESERVED, Record, ReservedField, Source, SpanName, ThreadInfo, Trace};
pub use registry::LoggerState;

/// The logger of this name in the program's own [`Logging`].
#[must_use]
pub fn get_logger(name: &str) -> Logger {
    Logging::global().get_logger(name)
}
