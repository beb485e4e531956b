//! The handle of a logging system, and its builder.

mod builder;
mod global;
mod handle;
mod stats;

pub use builder::{LoggingBuilder, UnknownTimeZone};
pub use global::get_logger;
pub(crate) use handle::Configurator;
pub use handle::Logging;
pub use stats::LoggingStats;
