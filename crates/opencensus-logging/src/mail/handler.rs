//! The handler that mails records.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use crate::handler_error::HandlerError;
use crate::handler_stats::MailStats;
use crate::handlers::{BuiltInHandler, Handler};
use crate::lock::lock;
use crate::mail::throttle::Throttle;
use crate::mail::{Delivery, Limits, MailComposer, MailContext};
use crate::record::Record;

/// Mails records to the administrators, as Django's `AdminEmailHandler` does, with a limit of mails.
pub(crate) struct AdminEmailHandler {
    mailer: Arc<Mailer>,
    context: Arc<MailContext>,
    // Whether a custom backend, which may choose the recipients itself, sends the mails.
    has_custom_backend: bool,
    // `None`: every record is mailed, as in Django.
    throttle: Option<Arc<Mutex<Throttle>>>,
    // Stops the thread that mails summaries. The thread starts with the first suppressed record.
    summary_thread: Mutex<Option<SummaryThread>>,
}

/// The process of a thread, and its end when it is dropped. A child that the process forks has no such thread.
struct SummaryThread {
    process: u32,
    _stop: Sender<()>,
}

/// Composes and delivers mails.
struct Mailer {
    composer: MailComposer,
    delivery: Delivery,
    // Records whose summary found no room.
    unsummarized: AtomicU64,
}

impl Mailer {
    /// Mails a summary of the suppressed records.
    fn send_summary(&self, throttle: &Mutex<Throttle>) {
        let Some(summary) = lock(throttle).end_window() else { return };
        if let Err(error) = self.delivery.deliver_summary(self.composer.compose_summary(&summary)) {
            self.unsummarized.fetch_add(summary.suppressed, Ordering::Relaxed);
            let text = format!("a summary of {} records could not be mailed: {error}", summary.suppressed);
            self.composer.shared.diagnostics.log(&text);
        }
    }
}

impl AdminEmailHandler {
    pub(crate) fn new(
        composer: MailComposer,
        delivery: Delivery,
        context: Arc<MailContext>,
        has_custom_backend: bool,
        limits: Option<Limits>,
    ) -> Self {
        Self {
            mailer: Arc::new(Mailer { composer, delivery, unsummarized: AtomicU64::new(0) }),
            context,
            has_custom_backend,
            throttle: limits.map(|limits| Arc::new(Mutex::new(Throttle::new(limits)))),
            summary_thread: Mutex::new(None),
        }
    }

    /// Whether the record is mailed by itself. Otherwise it will be in a summary.
    fn admits(&self, record: &Record) -> bool {
        let Some(throttle) = &self.throttle else { return true };
        if lock(throttle).admits(record, Instant::now()) {
            return true;
        }
        let mut summary_thread = lock(&self.summary_thread);
        if summary_thread.as_ref().is_none_or(|thread| thread.process != process::id()) {
            *summary_thread = self.start_summary_thread(throttle);
        }
        false
    }

    /// Mails the summary of the records that were suppressed so far.
    fn send_last_summary(&self) {
        *lock(&self.summary_thread) = None;
        if let Some(throttle) = &self.throttle {
            self.mailer.send_summary(throttle);
        }
    }

    /// Starts the thread that mails a summary at the end of each window, until the sender is dropped.
    fn start_summary_thread(&self, throttle: &Arc<Mutex<Throttle>>) -> Option<SummaryThread> {
        let (stop, stopped) = channel::<()>();
        let (mailer, throttle) = (Arc::clone(&self.mailer), Arc::clone(throttle));
        let work = move || {
            loop {
                let now = Instant::now();
                let ends = lock(&throttle).window_end();
                let wait = ends.map_or(lock(&throttle).window(), |ends| ends.saturating_duration_since(now));
                if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                let is_over = lock(&throttle).window_end().is_some_and(|ends| ends <= Instant::now());
                if is_over {
                    mailer.send_summary(&throttle);
                }
            }
        };
        thread::Builder::new()
            .name("log-mail".to_owned())
            .spawn(work)
            .ok()
            .map(|_| SummaryThread { process: process::id(), _stop: stop })
    }
}

impl Handler for AdminEmailHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let composer = &self.mailer.composer;
        let has_no_recipient = composer.recipients().is_empty() && !self.has_custom_backend;
        if has_no_recipient || !self.admits(record) {
            return Ok(());
        }
        self.mailer.delivery.deliver(composer.compose(record)?)
    }

    fn close(&self) {
        self.send_last_summary();
        self.mailer.delivery.close();
    }

    fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        Some(self)
    }
}

impl BuiltInHandler for AdminEmailHandler {
    fn recover(&self) -> Result<(), HandlerError> {
        self.mailer.delivery.recover()
    }

    fn is_current(&self) -> bool {
        Arc::ptr_eq(&self.mailer.composer.settings, &self.context.settings())
    }

    fn wait_delivered(&self, deadline: Instant) -> bool {
        self.mailer.delivery.wait(deadline)
    }

    fn mail_stats(&self) -> MailStats {
        let unsummarized = self.mailer.unsummarized.load(Ordering::Relaxed);
        MailStats { unsummarized, ..self.mailer.delivery.stats() }
    }
}

/// A handler that a configuration replaces is dropped without being closed.
impl Drop for AdminEmailHandler {
    fn drop(&mut self) {
        self.send_last_summary();
    }
}
