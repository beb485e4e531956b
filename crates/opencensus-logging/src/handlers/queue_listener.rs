//! The thread behind a queue handler.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::background::{Queue, WorkerCallbacks, deadline};
use crate::handler_error::HandlerError;
use crate::lock::lock;
use crate::record::Record;
use crate::shared::Shared;

/// The thread behind a [queue handler](crate::handlers::QueueHandler), as Python's `QueueListener`: it passes records
/// of a bounded queue to handlers.
///
/// # Examples
///
/// ```
/// use opencensus_logging::Logging;
/// use std::time::Duration;
///
/// let logging = Logging::builder().build();
/// logging.configure_toml(r#"
///     version = 1
///     handlers.queue = { class = "queue", handlers = ["console"] }
///     handlers.console = { class = "console" }
///     root.handlers = ["queue"]
/// "#)?;
/// let queue = logging.handler("queue").unwrap();
/// queue.listener().unwrap().stop(Duration::from_secs(5))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct QueueListener {
    queue: Mutex<Option<Arc<Queue<Arc<Record>>>>>,
    capacity: usize,
    name: String,
    deliver: Arc<Deliver>,
    shared: Arc<Shared>,
}

/// Passes a record to the handlers.
type Deliver = dyn Fn(&Arc<Record>) + Send + Sync;

impl QueueListener {
    pub(crate) fn new(
        name: String,
        capacity: usize,
        deliver: impl Fn(&Arc<Record>) + Send + Sync + 'static,
        shared: Arc<Shared>,
    ) -> Self {
        Self { queue: Mutex::new(None), capacity, name, deliver: Arc::new(deliver), shared }
    }

    /// Starts the thread. Records that arrive while it is not started are lost, and counted as `closed`.
    pub fn start(&self) {
        let deliver = Arc::clone(&self.deliver);
        // The system flushes and closes the handlers behind the queue itself.
        let callbacks = WorkerCallbacks::new(move |record: &Arc<Record>| deliver(record));
        let queue = Queue::new(self.capacity, self.name.clone(), &self.shared.backlog, callbacks);
        *lock(&self.queue) = Some(Arc::new(queue));
    }

    /// Stops the thread once it has passed on all queued records, and waits for that.
    ///
    /// # Errors
    ///
    /// [`HandlerError::Timeout`]: it takes longer.
    pub fn stop(&self, within: Duration) -> Result<(), HandlerError> {
        let queue = lock(&self.queue).take();
        let deadline = deadline(within);
        if queue.is_none_or(|queue| queue.flush(deadline)) { Ok(()) } else { Err(HandlerError::Timeout) }
    }

    pub(super) fn push(&self, record: Arc<Record>) -> Result<(), HandlerError> {
        self.queue().ok_or(HandlerError::Closed)?.push(record)
    }

    /// Waits until all records so far are passed on. `false`: the deadline passed before.
    pub(super) fn flush(&self, deadline: Instant) -> bool {
        self.queue().is_none_or(|queue| queue.flush(deadline))
    }

    /// Records that are not passed on yet.
    pub(super) fn waiting(&self) -> u64 {
        self.queue().map_or(0, |queue| queue.waiting())
    }

    /// Records that found no thread in a child of a fork.
    pub(super) fn lost_at_fork(&self) -> u64 {
        self.queue().map_or(0, |queue| queue.lost_at_fork())
    }

    pub(super) fn close(&self) {
        *lock(&self.queue) = None;
    }

    /// Cloned: callers do not wait while the lock is held.
    fn queue(&self) -> Option<Arc<Queue<Arc<Record>>>> {
        lock(&self.queue).clone()
    }
}

impl fmt::Debug for QueueListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueListener")
            .field("name", &self.name)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
