//! A handler whose failures are counted.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use opencensus_settings::quote::quoted;

use crate::formatters::misfits;
use crate::handler_error::HandlerError;
use crate::handler_stats::{HandlerStats, MailStats};
use crate::handlers::{BuiltInHandler, Handler};
use crate::record::Record;
use crate::shared::Shared;

/// A handler with its name and counters. Its failures and panics are counted and reported, and do not reach the caller.
pub(crate) struct GuardedHandler {
    name: Arc<str>,
    handler: Box<dyn Handler>,
    counters: Counters,
    // Milliseconds since `started`, and one more. 0: there was no report yet.
    last_report: AtomicU64,
    started: Instant,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Counters {
    handled: AtomicU64,
    unfilled: AtomicU64,
    full: AtomicU64,
    failed: AtomicU64,
    closed: AtomicU64,
}

const BETWEEN_REPORTS: Duration = Duration::from_secs(60);

impl GuardedHandler {
    pub(crate) fn new(name: Arc<str>, handler: Box<dyn Handler>, shared: Arc<Shared>) -> Self {
        let (counters, started) = (Counters::default(), Instant::now());
        Self { name, handler, counters, last_report: AtomicU64::new(0), started, shared }
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The hooks of a built-in handler.
    pub(crate) fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        self.handler.built_in()
    }

    pub(crate) fn emit(&self, record: &Arc<Record>) {
        let emitted = if self.shared.dialect.propagates_panics() {
            self.handler.emit(record)
        } else {
            catch_unwind(AssertUnwindSafe(|| self.handler.emit(record))).unwrap_or_else(|_| Err(panicked()))
        };
        // Of a record that failed, no part was written.
        let is_unfilled = misfits::take() > 0 && emitted.is_ok();
        match emitted {
            Ok(()) if is_unfilled => self.count_unfilled(record),
            Ok(()) => count(&self.counters.handled),
            Err(error) => self.lose(&error, record),
        }
        if let Some(complaint) = self.built_in().and_then(BuiltInHandler::take_complaint) {
            self.shared.diagnostics.log(&format!("handler '{}': {complaint}", self.name));
        }
    }

    /// Counts and reports a record that was written with its placeholders.
    #[cold]
    fn count_unfilled(&self, record: &Record) {
        count(&self.counters.handled);
        count(&self.counters.unfilled);
        if self.shared.diagnostics.reports_losses() && self.may_report() {
            let number = self.counters.unfilled.load(Ordering::Relaxed);
            let (name, logger, message) = (&self.name, &record.logger, quoted(&record.message));
            let what = format!("handler '{name}' wrote a record of '{logger}' with its placeholders: {message}");
            self.shared.diagnostics.log(&format!("{what} ({number} so far)"));
        }
    }

    /// Counts and reports a lost record.
    pub(crate) fn lose(&self, error: &HandlerError, record: &Record) {
        count(match error {
            HandlerError::Full => &self.counters.full,
            HandlerError::Closed => &self.counters.closed,
            _ => &self.counters.failed,
        });
        if self.may_report() {
            self.shared.report_loss(&self.name, error, record, self.stats().lost());
        }
    }

    /// Whether a loss may be reported: once a minute; in Python's dialect, always.
    fn may_report(&self) -> bool {
        if self.shared.dialect.reports_each_loss() {
            return true;
        }
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        let last = self.last_report.load(Ordering::Relaxed);
        let is_due = last == 0 || now - last.min(now) >= BETWEEN_REPORTS.as_millis() as u64;
        is_due && self.last_report.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    pub(crate) fn activate(&self) {
        if let Some(built_in) = self.built_in() {
            self.guard("be started", || built_in.activate());
        }
    }

    pub(crate) fn recover(&self) {
        if let Some(built_in) = self.built_in() {
            self.guard("take over waiting mails", || built_in.recover());
        }
    }

    /// Flushes the handler for a caller that waits for it. `false`: the deadline passed before.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        let mut is_in_time = true;
        self.guard("be flushed", || match self.handler.flush(deadline) {
            Err(HandlerError::Timeout) => {
                is_in_time = false;
                Ok(())
            }
            flushed => flushed,
        });
        is_in_time
    }

    /// Flushes the handler for no caller: a timeout is reported like other failures. `false`: the deadline passed
    /// before.
    pub(crate) fn flush_or_report(&self, deadline: Instant) -> bool {
        let mut is_in_time = true;
        self.guard("be flushed", || {
            let flushed = self.handler.flush(deadline);
            is_in_time = !matches!(flushed, Err(HandlerError::Timeout));
            flushed
        });
        is_in_time
    }

    fn guard(&self, action: &str, call: impl FnOnce() -> Result<(), HandlerError>) {
        let done = catch_unwind(AssertUnwindSafe(call));
        if let Err(error) = done.unwrap_or_else(|_| Err(panicked())) {
            self.shared.diagnostics.log(&format!("handler '{}' could not {action}: {error}", self.name));
        }
    }

    pub(crate) fn close(&self) {
        let _ = catch_unwind(AssertUnwindSafe(|| self.handler.close()));
    }

    pub(crate) fn stats(&self) -> HandlerStats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        HandlerStats {
            handled: get(&self.counters.handled),
            unfilled: get(&self.counters.unfilled),
            full: get(&self.counters.full),
            failed: get(&self.counters.failed),
            closed: get(&self.counters.closed),
            waiting: 0,
            mails: self.built_in().map_or_else(MailStats::default, BuiltInHandler::mail_stats),
        }
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn panicked() -> HandlerError {
    HandlerError::Other("it panicked".into())
}
