//! A handler as a configuration installs it: with a name, a level and filters.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use crate::filters::{Filter, pass};
use crate::handlers::{Emitter, Handler, HandlerStats, Queue, QueueHandler, deadline};
use crate::level::Level;
use crate::record::Record;
use crate::shared::Shared;

/// A handler as a configuration installs it: with a name, a level and filters.
pub struct InstalledHandler {
    level: AtomicI32,
    filters: Box<[Arc<dyn Filter>]>,
    emitter: Arc<Emitter>,
    // `None`: the caller's thread does the work.
    queue: Option<Queue<Arc<Record>>>,
    shared: Arc<Shared>,
}

/// Records that a handler in the background holds at most. A record takes a few hundred bytes.
const QUEUED: usize = 8 * 1024;

impl InstalledHandler {
    pub(crate) fn new(
        name: Arc<str>,
        level: Level,
        filters: Vec<Arc<dyn Filter>>,
        handler: Box<dyn Handler>,
        in_background: bool,
        shared: Arc<Shared>,
    ) -> Self {
        let emitter = Arc::new(Emitter::new(name, handler, Arc::clone(&shared)));
        let queue = in_background.then(|| Queue::of_emitter(&emitter, QUEUED, &shared));
        Self { level: AtomicI32::new(level.number()), filters: filters.into(), emitter, queue, shared }
    }

    /// Its name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        self.emitter.name()
    }

    /// The least grave records that it takes from loggers.
    #[must_use]
    pub fn level(&self) -> Level {
        Level::from_number(self.level.load(Ordering::Relaxed))
    }

    /// From now on takes records from this level on.
    pub fn set_level(&self, level: Level) {
        self.level.store(level.number(), Ordering::Relaxed);
    }

    /// What has become of its records.
    #[must_use]
    pub fn stats(&self) -> HandlerStats {
        self.emitter.stats()
    }

    /// The queue that it is, if it is one.
    #[must_use]
    pub fn listener(&self) -> Option<&QueueHandler> {
        self.emitter.handler().listener()
    }

    /// Takes a record whose level was looked at, if the filters let it pass.
    pub(crate) fn handle(&self, record: &mut Arc<Record>) {
        if !pass(&self.filters, record, &self.shared) {
            return;
        }
        match &self.queue {
            Some(queue) => {
                if let Err(error) = queue.push(Arc::clone(record)) {
                    self.emitter.lose(&error, record);
                }
            }
            None => self.emitter.emit(record),
        }
    }

    /// Waits until what it took is written; a mail, until it is sent or waits for its server. `false`: there was not
    /// enough time.
    pub fn flush(&self, within: Duration) -> bool {
        self.flush_until(deadline(within))
    }

    pub(crate) fn flush_until(&self, deadline: Instant) -> bool {
        match &self.queue {
            Some(queue) => {
                let is_through = queue.flush(deadline);
                if self.keeps_at_rest() {
                    self.emitter.flush();
                }
                self.emitter.handler().wait(deadline) && is_through
            }
            None => match self.listener() {
                Some(listener) => listener.flush_until(deadline),
                None => {
                    self.emitter.flush();
                    self.emitter.handler().wait(deadline)
                }
            },
        }
    }

    /// Lets what is held back go out. Records may still come.
    pub(crate) fn hand_on(&self) {
        let is_held_back = self.queue.is_none() || self.keeps_at_rest();
        if is_held_back && self.flushes_on_close() {
            self.emitter.flush();
        }
    }

    /// The configuration that made it holds from now on.
    pub(crate) fn begin(&self) {
        self.emitter.begin();
    }

    /// Takes what others left behind for it.
    pub(crate) fn recover(&self) {
        self.emitter.recover();
    }

    /// Whether it holds back until somebody asks.
    pub(crate) fn keeps_at_rest(&self) -> bool {
        self.emitter.handler().keeps_at_rest()
    }

    /// Whether what it holds back goes out at the end.
    pub(crate) fn flushes_on_close(&self) -> bool {
        self.emitter.handler().flushes_on_close()
    }

    /// Whether a thread that works for it is through with closing by then.
    pub(crate) fn wait_closed(&self, deadline: Instant) -> bool {
        self.queue.as_ref().is_none_or(|queue| queue.wait_closed(deadline))
    }

    /// Takes nothing more, and lets go of what it holds.
    pub fn close(&self) {
        match &self.queue {
            Some(queue) => queue.close(),
            None => self.emitter.close(),
        }
    }
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
