//! What all parts of a logging system share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};
use std::time::Instant;

use crate::dialect::Dialect;
use crate::formatters::{FormatContext, args, repr};
use crate::handlers::{Duties, HandlerError, Queue, Stream};
use crate::level::Level;
use crate::lock::lock;
use crate::record::{Record, Trace};

/// Where `${NAME}` is looked up.
pub(crate) type Variables = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Complaints that wait at most.
const COMPLAINTS: usize = 64;

/// What all parts of a logging system share.
pub(crate) struct Shared {
    pub(crate) dialect: Dialect,
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
    pub(crate) context: Arc<FormatContext>,
    pub(crate) trace: fn() -> Option<Trace>,
    pub(crate) variables: Variables,
    /// Django's `DEBUG`.
    pub(crate) debug: AtomicBool,
    /// Whether somebody is mailed.
    #[cfg(feature = "mail")]
    pub(crate) makes_reports: AtomicBool,
    /// Whether losses are told at all; Python's `raiseExceptions`.
    pub(crate) tells_losses: AtomicBool,
    /// Filters that panicked; the record went on.
    pub(crate) filter_panics: AtomicU64,
    level_names: RwLock<BTreeMap<i32, String>>,
    has_level_names: AtomicBool,
    /// Records that a handler logged while it handled one.
    pub(crate) recursive: AtomicU64,
    // What is to be said of logging itself. Standard error may be slow, too.
    complaints: OnceLock<Queue<String>>,
    /// Of handlers that mail.
    #[cfg(feature = "mail")]
    pub(crate) outboxes: crate::mail::Outboxes,
    // Queues that may still hold records, those of replaced handlers among them.
    queues: Mutex<Vec<Weak<dyn Awaited>>>,
}

/// Work that is still to be done, and can be waited for.
pub(crate) trait Awaited: Send + Sync {
    /// Whether it is done by then, or waits for somebody else.
    fn wait(&self, deadline: Instant) -> bool;

    /// The program ends.
    fn end(&self) {}

    /// Whether nothing is left to be done by then.
    fn has_ended(&self, deadline: Instant) -> bool {
        let _ = deadline;
        true
    }
}

impl Shared {
    pub(crate) fn new(
        dialect: Dialect,
        stdout: Stream,
        stderr: Stream,
        context: FormatContext,
        trace: fn() -> Option<Trace>,
        variables: Variables,
    ) -> Self {
        Self {
            dialect,
            stdout,
            stderr,
            context: Arc::new(context),
            trace,
            variables,
            debug: AtomicBool::new(false),
            #[cfg(feature = "mail")]
            makes_reports: AtomicBool::new(false),
            tells_losses: AtomicBool::new(true),
            filter_panics: AtomicU64::new(0),
            level_names: RwLock::default(),
            has_level_names: AtomicBool::new(false),
            recursive: AtomicU64::new(0),
            complaints: OnceLock::new(),
            #[cfg(feature = "mail")]
            outboxes: crate::mail::Outboxes::default(),
            queues: Mutex::default(),
        }
    }

    pub(crate) fn add_level_name(&self, level: Level, name: String) {
        self.level_names.write().unwrap_or_else(PoisonError::into_inner).insert(level.number(), name);
        self.has_level_names.store(true, Ordering::Release);
    }

    /// The name that was given to a level.
    pub(crate) fn given_name(&self, level: Level) -> Option<String> {
        if !self.has_level_names.load(Ordering::Acquire) {
            return None;
        }
        self.level_names.read().unwrap_or_else(PoisonError::into_inner).get(&level.number()).cloned()
    }

    /// The level of this name, given ones among them.
    pub(crate) fn level_named(&self, name: &str) -> Option<Level> {
        let names = self.level_names.read().unwrap_or_else(PoisonError::into_inner);
        let given = names.iter().find(|(_, known)| *known == name).map(|(number, _)| Level::from_number(*number));
        given.or_else(|| Level::from_name(name))
    }

    /// A queue to wait for when everything is flushed.
    pub(crate) fn watch(&self, state: &Arc<dyn Awaited>) {
        let mut queues = lock(&self.queues);
        queues.retain(|queue| queue.strong_count() > 0);
        queues.push(Arc::downgrade(state));
    }

    /// Whether all queues, also those of replaced handlers, are worked off by then.
    pub(crate) fn wait_for_queues(&self, deadline: Instant) -> bool {
        let queues = lock(&self.queues).clone();
        // Not `all`: each gets its chance.
        queues.iter().filter_map(Weak::upgrade).filter(|queue| !queue.wait(deadline)).count() == 0
    }

    /// Whether all who work for others have come to their end by then. They work side by side.
    pub(crate) fn finish(&self, deadline: Instant) -> bool {
        self.end();
        let queues = lock(&self.queues).clone();
        queues.iter().filter_map(Weak::upgrade).filter(|queue| !queue.has_ended(deadline)).count() == 0
    }

    /// All who work for others come to their end.
    pub(crate) fn end(&self) {
        let queues = lock(&self.queues).clone();
        queues.iter().filter_map(Weak::upgrade).for_each(|queue| queue.end());
    }

    /// Says something about logging itself on standard error, without waiting for it.
    pub(crate) fn say(&self, text: &str) {
        let complaints = self.complaints.get_or_init(|| {
            let stderr = self.stderr.clone();
            let sink = move |line: &String| {
                // Where would one say that standard error is closed?
                let _ = stderr.write(line);
            };
            let nothing = || Box::new(|| ());
            let duties = Duties { sink: Box::new(sink), rest: nothing(), close: nothing() };
            Queue::new(COMPLAINTS, "complaints".to_owned(), self, duties)
        });
        // Losses are counted; that there are many has been told.
        let _ = complaints.push(format!("opencensus-logging: {text}\n"));
    }

    /// Whether all that was to be said of logging itself is said by then.
    pub(crate) fn wait_for_complaints(&self, deadline: Instant) -> bool {
        self.complaints.get().is_none_or(|complaints| complaints.flush(deadline))
    }

    /// Says that a handler lost a record.
    pub(crate) fn report(&self, handler: &str, error: &HandlerError, record: &Record, lost: u64) {
        if !self.tells_losses.load(Ordering::Relaxed) {
            return;
        }
        if self.dialect.reports_everything() {
            let message = repr(&serde_json::Value::from(&*record.message));
            let report = format!("--- Logging error ---\n{error}\nMessage: {message}\nArguments: {}\n", args(record));
            let _ = self.stderr.write(&report);
        } else {
            self.say(&format!("handler '{handler}' lost a record of '{}': {error} ({lost} so far)", record.logger));
        }
    }
}
