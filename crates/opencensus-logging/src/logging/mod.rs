//! The handle of a logging system.

mod handle;

pub(crate) use handle::System;
pub use handle::{Logging, LoggingBuilder, LoggingStats, UnknownTimeZone};
