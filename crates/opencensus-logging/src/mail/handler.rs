//! A handler that mails.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use crate::dialect::Dialect;
use crate::formatters::{Formatter, message};
use crate::handlers::{Handler, HandlerError, MailStats};
use crate::lock::lock;
use crate::mail::cleanse::Cleanser;
use crate::mail::report::{self, Rules};
use crate::mail::subject::{shortened, subject};
use crate::mail::throttle::{Kind, Limits, Throttle};
use crate::mail::{Delivery, Mail, MailSettings};
use crate::record::Record;
use crate::shared::Shared;

/// Django's `AdminEmailHandler`, which mails no more than somebody can read.
pub(crate) struct AdminEmailHandler {
    postman: Arc<Postman>,
    // `None`: each record is a mail, as in Django.
    throttle: Option<Arc<Mutex<Throttle>>>,
    // Waits for the window's end; begins with the first record that is held back.
    watch: Mutex<Option<Sender<()>>>,
}

/// Puts mails together and hands them over.
pub(crate) struct Postman {
    pub(crate) settings: Arc<MailSettings>,
    pub(crate) delivery: Delivery,
    pub(crate) include_html: bool,
    /// Not to the administrators.
    pub(crate) to_managers: bool,
    /// Somebody's own function sends them, which may know by itself to whom.
    pub(crate) is_own: bool,
    pub(crate) formatter: Arc<dyn Formatter>,
    pub(crate) shared: Arc<Shared>,
    /// Records of summaries that found no room.
    pub(crate) untold: AtomicU64,
}

impl Postman {
    fn recipients(&self) -> &[String] {
        if self.to_managers { &self.settings.managers } else { &self.settings.admins }
    }

    fn mail_of(&self, record: &Record) -> Result<Mail, HandlerError> {
        let message = message(record)?;
        // The report has the error.
        let mut bare = record.clone();
        (bare.error, bare.stack) = (None, None);
        let mut text = String::new();
        self.formatter.format(&bare, &mut text)?;
        let rules = Rules {
            cleanser: Cleanser {
                session_cookie: &self.settings.session_cookie,
                is_plain: self.shared.dialect == Dialect::Python,
            },
            trace_link: self.settings.trace_link.as_deref(),
            escaping: self.shared.context.escaping,
        };
        let report = report::text(record, &message, rules);
        let report = if self.shared.dialect == Dialect::Native { report::cut(report) } else { report };
        let html = self.include_html.then(|| report::html(&report));
        let mut subject = subject(&self.settings.subject_prefix, record, &message, &self.settings.internal_ips);
        if self.shared.dialect == Dialect::Native {
            subject = shortened(subject);
        }
        Ok(self.mail(subject, format!("{text}\n\n{report}"), html))
    }

    fn mail(&self, subject: String, text: String, html: Option<String>) -> Mail {
        let mail = Mail::new(subject, self.settings.server_email.clone(), self.recipients().to_vec());
        Mail { text, html, ..mail }
    }

    /// One mail about all that was held back.
    fn send_summary(&self, throttle: &Mutex<Throttle>) {
        let Some(summary) = lock(throttle).end() else { return };
        let prefix = &self.settings.subject_prefix;
        let subject = format!("{prefix}{} more records were not mailed one by one", summary.held);
        if let Err(error) = self.delivery.deliver_summary(self.mail(subject, summary.text, None)) {
            self.untold.fetch_add(summary.held, Ordering::Relaxed);
            self.shared.say(&format!("a summary of {} records could not be mailed: {error}", summary.held));
        }
    }
}

impl AdminEmailHandler {
    pub(crate) fn new(postman: Postman, limits: Option<Limits>) -> Self {
        let throttle = limits.map(|limits| Arc::new(Mutex::new(Throttle::new(limits))));
        Self { postman: Arc::new(postman), throttle, watch: Mutex::new(None) }
    }

    /// Whether the record is mailed by itself. If not, somebody will mail a summary.
    fn admits(&self, record: &Record) -> bool {
        let Some(throttle) = &self.throttle else { return true };
        if lock(throttle).admits(Kind::of(record), Instant::now()) {
            return true;
        }
        let mut watch = lock(&self.watch);
        if watch.is_none() {
            *watch = self.start_watch(throttle);
        }
        false
    }

    /// What was held back goes out now.
    fn tell_the_rest(&self) {
        *lock(&self.watch) = None;
        if let Some(throttle) = &self.throttle {
            self.postman.send_summary(throttle);
        }
    }

    /// Mails summaries whenever a window ends, until the handler goes.
    fn start_watch(&self, throttle: &Arc<Mutex<Throttle>>) -> Option<Sender<()>> {
        let (stop, stopped) = channel::<()>();
        let (postman, throttle) = (Arc::clone(&self.postman), Arc::clone(throttle));
        let watch = move || {
            loop {
                let now = Instant::now();
                let ends = lock(&throttle).ends();
                let wait = ends.map_or(lock(&throttle).window(), |ends| ends.saturating_duration_since(now));
                if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                let is_over = lock(&throttle).ends().is_some_and(|ends| ends <= Instant::now());
                if is_over {
                    postman.send_summary(&throttle);
                }
            }
        };
        thread::Builder::new().name("log-mail".to_owned()).spawn(watch).ok().map(|_| stop)
    }
}

impl Handler for AdminEmailHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let is_for_nobody = self.postman.recipients().is_empty() && !self.postman.is_own;
        if is_for_nobody || !self.admits(record) {
            return Ok(());
        }
        self.postman.delivery.deliver(self.postman.mail_of(record)?)
    }

    fn recover(&self) -> Result<(), HandlerError> {
        self.postman.delivery.recover()
    }

    fn close(&self) {
        self.tell_the_rest();
        self.postman.delivery.close();
    }

    fn wait(&self, deadline: Instant) -> bool {
        self.postman.delivery.wait(deadline)
    }

    fn mails(&self) -> MailStats {
        MailStats { untold: self.postman.untold.load(Ordering::Relaxed), ..self.postman.delivery.stats() }
    }
}

/// A handler that a configuration replaced is not closed.
impl Drop for AdminEmailHandler {
    fn drop(&mut self) {
        self.tell_the_rest();
    }
}
