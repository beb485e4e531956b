//! Front ends for the `log` and `tracing` crates.
//!
//! [`Logging::install`](crate::Logging::install) makes a system the global one, and connects `log` and `tracing` unless
//! they are connected to another logger or subscriber. Each record arrives at most once, regardless of
//! the order in which other subscribers, other loggers and `LogTracer` are installed.
//!
//! | installed before | `log` | `tracing` |
//! | --- | --- | --- |
//! | nothing | directly | directly |
//! | another subscriber | directly | only if [`tracing::layer`] is a part of it |
//! | `LogTracer` | through `tracing` | directly |
//! | both | through `tracing`, if [`tracing::layer`] is a part of the subscriber | if [`tracing::layer`] is a part of it |
//!
//! The target is the logger's name: `shop::cart` is `shop.cart`. Levels are those of the same name; `TRACE` is 5.

#[cfg(any(feature = "log", feature = "tracing"))]
mod cache;
mod install;
#[cfg(feature = "log")]
mod log;
#[cfg(feature = "tracing")]
pub mod tracing;

pub use install::Installed;
