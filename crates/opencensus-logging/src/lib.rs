#![doc = include_str!("../README.md")]

// Modules in the order of their dependencies; each uses only those before it:
//
// level, level_names, dialect, captured_error, error, lock, stream, reentrancy, handler_stats, private_file
// request_report, deferred_report, record, formatters, handler_error
// background, diagnostics, shared, filters, handlers, registry
// mail, build, system, logger, logging
// database, config, frontend

mod background;
mod build;
#[cfg(feature = "tracing")]
mod captured_error;
pub mod config;
pub mod database;
#[cfg(feature = "core")]
mod deferred_report;
mod diagnostics;
mod dialect;
mod error;
pub mod filters;
pub mod formatters;
pub mod frontend;
#[cfg(feature = "file")]
#[doc = include_str!("../docs/guide.md")]
pub mod guide {}
mod handler_error;
mod handler_stats;
pub mod handlers;
mod level;
mod level_names;
mod lock;
mod logger;
mod logging;
#[cfg(feature = "mail")]
pub mod mail;
#[cfg(feature = "mail")]
mod private_file;
mod record;
mod reentrancy;
mod registry;
#[cfg(feature = "core")]
mod request_report;
mod shared;
mod stream;
mod system;

#[cfg(feature = "core")]
pub use deferred_report::DeferredReport;
pub use dialect::Dialect;
pub use error::{ErrorLink, LoggedError};
pub use level::Level;
pub use logger::{Logger, RecordBuilder};
pub use logging::{Logging, LoggingBuilder, LoggingGuard, LoggingStats, UnknownTimeZone, get_logger};
pub use record::{Args, RESERVED, Record, ReservedField, Source, SpanName, ThreadInfo, Trace};
pub use registry::LoggerState;
#[cfg(feature = "core")]
pub use request_report::RequestReport;
