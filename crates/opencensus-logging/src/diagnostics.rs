//! Messages about logging itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crate::background::{Backlog, Queue, WorkerCallbacks};
use crate::stream::Stream;

/// Writes messages about logging itself, such as losses of handlers, to standard error. A background thread writes
/// them, since standard error may be slow.
pub(crate) struct Diagnostics {
    stderr: Stream,
    backlog: Arc<Backlog>,
    messages: OnceLock<Queue<String>>,
    reports_losses: AtomicBool,
}

/// The most messages that wait; more are dropped.
const QUEUED: usize = 64;

impl Diagnostics {
    pub(crate) fn new(stderr: Stream, backlog: Arc<Backlog>) -> Self {
        Self { stderr, backlog, messages: OnceLock::new(), reports_losses: AtomicBool::new(true) }
    }

    /// Writes a message. Never waits.
    pub(crate) fn log(&self, text: &str) {
        let messages = self.messages.get_or_init(|| {
            let stderr = self.stderr.clone();
            // A failure cannot be reported anywhere.
            let callbacks = WorkerCallbacks::new(move |line: &String| drop(stderr.write(line)));
            Queue::new(QUEUED, "diagnostics".to_owned(), &self.backlog, callbacks)
        });
        // Losses that a message would report are counted as well.
        let _ = messages.push(format!("opencensus-logging: {text}\n"));
    }

    /// Waits until all messages are written. `false`: the deadline passed before.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        self.messages.get().is_none_or(|messages| messages.flush(deadline))
    }

    /// Whether losses of handlers are reported; Python's `raiseExceptions`.
    pub(crate) fn reports_losses(&self) -> bool {
        self.reports_losses.load(Ordering::Relaxed)
    }

    pub(crate) fn set_reports_losses(&self, reports: bool) {
        self.reports_losses.store(reports, Ordering::Relaxed);
    }
}
