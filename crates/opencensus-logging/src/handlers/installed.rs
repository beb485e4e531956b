//! A handler with its name, level and filters.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::background::{Backlog, Queue, WorkerCallbacks, deadline};
use crate::filters::{Filter, all_pass};
use crate::handler_stats::HandlerStats;
use crate::handlers::guarded::GuardedHandler;
use crate::handlers::{BuiltInHandler, Handler, QueueListener};
use crate::level::Level;
use crate::record::Record;
use crate::shared::Shared;

/// A handler with the name, the level and the filters that a configuration gives it.
///
/// # Examples
///
/// ```
/// use opencensus_logging::handlers::NullHandler;
/// use opencensus_logging::{Level, Logging};
///
/// let logging = Logging::builder().build();
/// logging.add_handler("shop", "null", Level::INFO, NullHandler);
/// logging.get_logger("shop").warning("no chairs left");
/// let handler = logging.handler("null").unwrap();
/// assert_eq!((handler.level(), handler.stats().handled), (Level::INFO, 1));
/// ```
pub struct InstalledHandler {
    level: AtomicI32,
    filters: Box<[Arc<dyn Filter>]>,
    handler: Arc<GuardedHandler>,
    // `None`: the handler runs on the caller's thread.
    queue: Option<Queue<Arc<Record>>>,
    shared: Arc<Shared>,
    // `None`: no configuration has made it.
    definition: Option<Value>,
    is_closed: AtomicBool,
}

/// The most records that wait for a handler in the background. A record takes a few hundred bytes.
const QUEUED: usize = 8 * 1024;

/// How long a flush may take when a configuration replaces the handler.
const REPLACED_FLUSH: Duration = Duration::from_secs(1);

impl InstalledHandler {
    pub(crate) fn new(
        name: Arc<str>,
        level: Level,
        filters: Vec<Arc<dyn Filter>>,
        handler: Box<dyn Handler>,
        in_background: bool,
        shared: Arc<Shared>,
    ) -> Self {
        let handler = Arc::new(GuardedHandler::new(name, handler, Arc::clone(&shared)));
        let queue = in_background.then(|| queue(&handler, &shared.backlog));
        let (level, filters) = (AtomicI32::new(level.number()), filters.into());
        Self { level, filters, handler, queue, shared, definition: None, is_closed: AtomicBool::new(false) }
    }

    /// Sets the part of a configuration that made the handler.
    pub(crate) fn with_definition(mut self, definition: Value) -> Self {
        self.definition = Some(definition);
        self
    }

    /// Whether the handler goes on in a configuration with this definition, instead of a new one.
    pub(crate) fn goes_on_as(&self, definition: &Value) -> bool {
        let is_current = || self.handler.built_in().is_none_or(BuiltInHandler::is_current);
        self.definition.as_ref() == Some(definition) && !self.is_closed.load(Ordering::Relaxed) && is_current()
    }

    /// The handler's name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        self.handler.name()
    }

    /// The lowest level of the records that the handler takes from loggers.
    #[must_use]
    pub fn level(&self) -> Level {
        Level::from_number(self.level.load(Ordering::Relaxed))
    }

    /// Changes the level, for records from now on.
    pub fn set_level(&self, level: Level) {
        self.level.store(level.number(), Ordering::Relaxed);
    }

    /// Counts of the handler's records.
    #[must_use]
    pub fn stats(&self) -> HandlerStats {
        let stats = self.handler.stats();
        let listened = self.listener().map_or((0, 0), |listener| (listener.waiting(), listener.lost_at_fork()));
        let queued = self.queue.as_ref().map_or((0, 0), |queue| (queue.waiting(), queue.lost_at_fork()));
        HandlerStats { waiting: listened.0 + queued.0, failed: stats.failed + listened.1 + queued.1, ..stats }
    }

    /// The listener of a queue handler; `None` for other handlers.
    #[must_use]
    pub fn listener(&self) -> Option<&QueueListener> {
        self.handler.built_in().and_then(BuiltInHandler::listener)
    }

    /// Handles a record whose level the caller has checked, if it passes the filters.
    pub(crate) fn handle(&self, record: &mut Arc<Record>) {
        if !all_pass(&self.filters, record, &self.shared) {
            return;
        }
        match &self.queue {
            Some(queue) => {
                if let Err(error) = queue.push(Arc::clone(record)) {
                    self.handler.lose(&error, record);
                }
            }
            None => self.handler.emit(record),
        }
    }

    /// Waits until all records so far are written, and their mails are sent or wait for the server. `false`: that took
    /// longer than `within`.
    pub fn flush(&self, within: Duration) -> bool {
        self.flush_until(deadline(within))
    }

    pub(crate) fn flush_until(&self, deadline: Instant) -> bool {
        let is_flushed = match &self.queue {
            Some(queue) => {
                let is_drained = queue.flush(deadline);
                // The queue's thread flushes the others.
                (!self.buffers_when_idle() || self.handler.flush(deadline)) && is_drained
            }
            None => self.handler.flush(deadline),
        };
        self.handler.built_in().is_none_or(|built_in| built_in.wait_delivered(deadline)) && is_flushed
    }

    /// Flushes buffered records when a configuration replaces the handler. Records may still arrive.
    pub(crate) fn flush_replaced(&self) {
        let may_buffer = self.queue.is_none() || self.buffers_when_idle();
        if may_buffer && self.flushes_on_close() {
            self.handler.flush_or_report(deadline(REPLACED_FLUSH));
        }
    }

    /// Called when the configuration that made the handler is applied.
    pub(crate) fn activate(&self) {
        self.handler.activate();
    }

    /// Takes over mails of an earlier process or handler.
    pub(crate) fn recover(&self) {
        self.handler.recover();
    }

    /// Whether the handler buffers records until an explicit flush.
    pub(crate) fn buffers_when_idle(&self) -> bool {
        self.handler.built_in().is_some_and(BuiltInHandler::buffers_when_idle)
    }

    /// Whether buffered records are flushed at a shutdown.
    pub(crate) fn flushes_on_close(&self) -> bool {
        self.handler.built_in().is_none_or(BuiltInHandler::flushes_on_close)
    }

    /// Waits until the handler's thread has closed it. `false`: the deadline passed before.
    pub(crate) fn wait_closed(&self, deadline: Instant) -> bool {
        self.queue.as_ref().is_none_or(|queue| queue.wait_closed(deadline))
    }

    /// Closes the handler: it takes no more records, and releases its resources once its queue is empty.
    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        match &self.queue {
            Some(queue) => queue.close(),
            None => self.handler.close(),
        }
    }
}

/// The queue in front of a handler.
fn queue(handler: &Arc<GuardedHandler>, backlog: &Arc<Backlog>) -> Queue<Arc<Record>> {
    let [emitting, idle, closing] = std::array::from_fn(|_| Arc::clone(handler));
    let callbacks = WorkerCallbacks {
        on_item: Box::new(move |record| emitting.emit(record)),
        on_idle: Box::new(move |deadline| {
            let keeps_buffer = idle.built_in().is_some_and(BuiltInHandler::buffers_when_idle);
            keeps_buffer || idle.flush_or_report(deadline)
        }),
        on_close: Box::new(move || closing.close()),
    };
    Queue::new(QUEUED, handler.name().to_string(), backlog, callbacks)
}

impl fmt::Debug for InstalledHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstalledHandler")
            .field("name", &self.name())
            .field("level", &self.level())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
