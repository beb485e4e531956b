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

#[cfg(any(feature = "log", feature = "tracing"))]
mod cache;
#[cfg(feature = "log")]
mod log;
#[cfg(feature = "tracing")]
mod tracing;

#[cfg(feature = "tracing")]
pub use self::tracing::{TracingFilter, TracingLayer, layer};

use crate::logging::Logging;

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
