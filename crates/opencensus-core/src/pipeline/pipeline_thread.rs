//! The threads that work for a pipeline.

use std::cell::Cell;

/// The name of the threads that work for a pipeline.
pub const THREAD_NAME: &str = "opencensus";

thread_local! {
    static IS_PIPELINE_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread works for a pipeline: its worker, and the threads on which the worker's runtime blocks. What is
/// logged there is about telemetry itself, so a handler that sends log records as telemetry must ignore it: otherwise
/// each export would cause the next one.
///
/// # Examples
///
/// ```
/// assert!(!opencensus_core::pipeline::is_pipeline_thread());
/// ```
#[must_use]
pub fn is_pipeline_thread() -> bool {
    // A thread that is about to end has no thread-local values any more.
    IS_PIPELINE_THREAD.try_with(Cell::get).unwrap_or(false)
}

/// Marks this thread for the rest of its life.
pub(super) fn mark_thread() {
    IS_PIPELINE_THREAD.set(true);
}
