//! Waits for a signal that ends the process, and ends it at the drain deadline at the latest.
//!
//! Signals belong to the process, so this is the only module with global state: one thread that
//! listens for signals, started with the first [`ShutdownSignal`], and a list of weak handles of
//! the running telemetry, which the thread shuts down at the drain deadline.

mod drain;
mod live_telemetry;
mod signal_thread;
mod signals;
mod wait;

pub(crate) use live_telemetry::{LiveTelemetry, register};
pub use wait::{ShutdownSignal, shutdown_signal};
