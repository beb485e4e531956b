//! The handle of a logging system, and its builder.

mod builder;
mod global;
mod guard;
mod handle;
mod stats;

pub use builder::{LoggingBuilder, UnknownTimeZone};
pub use global::get_logger;
pub use guard::LoggingGuard;
pub(crate) use handle::Configurator;
pub use handle::Logging;
pub use stats::LoggingStats;
