//! The end of a program that serves: a signal, a drain deadline, and the telemetry that is left.
//!
//! Signals belong to the process, so this is the one room with state of the process: one thread that
//! listens for signals, started with the first [`ShutdownSignal`], and a list of weak handles of
//! the running telemetry, for the end at the drain deadline.

mod drain;
mod live_telemetry;
mod signal_thread;
mod signals;
mod wait;

pub(crate) use live_telemetry::{LiveTelemetry, register};
pub use wait::{ShutdownSignal, shutdown_signal};
