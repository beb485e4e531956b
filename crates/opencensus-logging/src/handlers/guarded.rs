//! One handler, guarded: whatever it does, the caller goes on and the loss is counted.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::handlers::{Handler, HandlerError};
use crate::record::Record;
use crate::shared::Shared;

/// What has become of a handler's records.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct HandlerStats {
    /// Records that it has taken and done with, or handed on as mails.
    pub handled: u64,
    /// Records that found no room in its queue.
    pub full: u64,
    /// Records that it failed to write.
    pub failed: u64,
    /// Records that came after it was closed.
    pub closed: u64,
    /// What has become of its mails, if it sends any.
    pub mails: MailStats,
}

/// What has become of a handler's mails. Always `accepted + recovered = delivered + waiting + left + lost`. Mails that
/// are sent at once (`spool = false`) are in none of these: they are handled, or failed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct MailStats {
    /// Mails of this process. One that is refused for some of its recipients becomes several.
    pub accepted: u64,
    /// Mails that an earlier process left behind, or a handler of the same name before.
    pub recovered: u64,
    /// Mails that a server, or a backend of another kind, has taken.
    pub delivered: u64,
    /// Mails that wait for it.
    pub waiting: u64,
    /// Mails that are left to the next process.
    pub left: u64,
    /// Mails that nobody will get.
    pub lost: u64,
    /// Records of which there was to be a summary, and it found no room. They are no mails.
    pub untold: u64,
}

impl MailStats {
    /// Whether every mail is in one place.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.accepted + self.recovered == self.delivered + self.waiting + self.left + self.lost
    }
}

impl HandlerStats {
    /// Records and mails that are lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.full + self.failed + self.closed + self.mails.lost + self.mails.untold
    }

    /// Those of another handler of the same name, of a configuration before.
    pub(crate) fn add(&mut self, other: Self) {
        let sums = [
            (&mut self.handled, other.handled),
            (&mut self.full, other.full),
            (&mut self.failed, other.failed),
            (&mut self.closed, other.closed),
            (&mut self.mails.accepted, other.mails.accepted),
            (&mut self.mails.recovered, other.mails.recovered),
            (&mut self.mails.delivered, other.mails.delivered),
            (&mut self.mails.waiting, other.mails.waiting),
            (&mut self.mails.left, other.mails.left),
            (&mut self.mails.lost, other.mails.lost),
            (&mut self.mails.untold, other.mails.untold),
        ];
        sums.into_iter().for_each(|(sum, more)| *sum += more);
    }
}

#[derive(Debug, Default)]
struct Counters {
    handled: AtomicU64,
    full: AtomicU64,
    failed: AtomicU64,
    closed: AtomicU64,
}

/// One handler by its name, with its counters.
pub(crate) struct Emitter {
    name: Arc<str>,
    handler: Box<dyn Handler>,
    counters: Counters,
    // Milliseconds since the first report, and one more; 0: there was none.
    last_report: AtomicU64,
    started: Instant,
    shared: Arc<Shared>,
}

const BETWEEN_REPORTS: Duration = Duration::from_secs(60);

impl Emitter {
    pub(crate) fn new(name: Arc<str>, handler: Box<dyn Handler>, shared: Arc<Shared>) -> Self {
        let (counters, started) = (Counters::default(), Instant::now());
        Self { name, handler, counters, last_report: AtomicU64::new(0), started, shared }
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn emit(&self, record: &Arc<Record>) {
        let emitted = if self.shared.dialect.lets_panics_out() {
            self.handler.emit(record)
        } else {
            catch_unwind(AssertUnwindSafe(|| self.handler.emit(record))).unwrap_or_else(|_| Err(panicked()))
        };
        match emitted {
            Ok(()) => self.count(&self.counters.handled),
            Err(error) => self.lose(&error, record),
        }
    }

    /// Counts a record that is lost, and says so.
    pub(crate) fn lose(&self, error: &HandlerError, record: &Record) {
        let counter = match error {
            HandlerError::Full => &self.counters.full,
            HandlerError::Closed => &self.counters.closed,
            _ => &self.counters.failed,
        };
        self.count(counter);
        if self.may_report() {
            self.shared.report(&self.name, error, record, self.stats().lost());
        }
    }

    fn count(&self, counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// At most once a minute, but for Python's dialect, which reports everything.
    fn may_report(&self) -> bool {
        if self.shared.dialect.reports_everything() {
            return true;
        }
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        let last = self.last_report.load(Ordering::Relaxed);
        let is_due = last == 0 || now - last.min(now) >= BETWEEN_REPORTS.as_millis() as u64;
        is_due && self.last_report.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    pub(crate) fn begin(&self) {
        self.guarded("begin", || self.handler.begin());
    }

    pub(crate) fn recover(&self) {
        self.guarded("take what was left behind", || self.handler.recover());
    }

    pub(crate) fn rest(&self) {
        if !self.handler.keeps_at_rest() {
            self.flush();
        }
    }

    pub(crate) fn flush(&self) {
        self.guarded("be flushed", || self.handler.flush());
    }

    fn guarded(&self, what: &str, work: impl FnOnce() -> Result<(), HandlerError>) {
        let done = catch_unwind(AssertUnwindSafe(work));
        if let Err(error) = done.unwrap_or_else(|_| Err(panicked())) {
            self.shared.say(&format!("handler '{}' could not {what}: {error}", self.name));
        }
    }

    pub(crate) fn handler(&self) -> &dyn Handler {
        &*self.handler
    }

    pub(crate) fn close(&self) {
        let _ = catch_unwind(AssertUnwindSafe(|| self.handler.close()));
    }

    pub(crate) fn stats(&self) -> HandlerStats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        HandlerStats {
            handled: get(&self.counters.handled),
            full: get(&self.counters.full),
            failed: get(&self.counters.failed),
            closed: get(&self.counters.closed),
            mails: self.handler.mails(),
        }
    }
}

fn panicked() -> HandlerError {
    HandlerError::Other("it panicked".into())
}
