//! A handler that mails.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use crate::dialect::Dialect;
use crate::formatters::{Formatter, message};
use crate::handlers::{Handler, HandlerError};
use crate::lock::lock;
use crate::mail::report::{self, Rules};
use crate::mail::subject::subject;
use crate::mail::throttle::{Kind, Limits, Throttle};
use crate::mail::{Mail, MailError, MailSettings, SharedBackend};
use crate::record::Record;
use crate::shared::Shared;

/// By what a handler's mails are sent.
pub(crate) enum Delivery {
    By(SharedBackend),
    /// It is named, and nobody knows it: told when there is a mail, as in Django.
    Unknown(String),
}

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
    pub(crate) delivery: Option<Delivery>,
    pub(crate) include_html: bool,
    /// Not to the administrators.
    pub(crate) to_managers: bool,
    pub(crate) formatter: Arc<dyn Formatter>,
    pub(crate) shared: Arc<Shared>,
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
            session_cookie: &self.settings.session_cookie,
            hides_forms: self.shared.dialect == Dialect::Native,
            trace_link: self.settings.trace_link.as_deref(),
            escaping: self.shared.context.escaping,
        };
        let report = report::text(record, &message, rules);
        let html = self.include_html.then(|| report::html(&report));
        let subject = subject(&self.settings.subject_prefix, record, &message, &self.settings.internal_ips);
        Ok(self.mail(subject, format!("{text}\n\n{report}"), html))
    }

    fn mail(&self, subject: String, text: String, html: Option<String>) -> Mail {
        Mail { subject, from: self.settings.server_email.clone(), to: self.recipients().to_vec(), text, html }
    }

    fn send(&self, mail: &Mail) -> Result<(), HandlerError> {
        let backend = match (&self.delivery, &self.settings.backend) {
            (Some(Delivery::By(backend)), _) | (None, Some(backend)) => backend,
            (Some(Delivery::Unknown(name)), _) => {
                return Err(HandlerError::Other(format!("no mail backend is called '{name}'").into()));
            }
            (None, None) => return Err(HandlerError::Other(Box::new(MailError::NoBackend))),
        };
        backend.send(mail).map_err(|error| HandlerError::Other(Box::new(error)))
    }

    /// One mail about all that was held back.
    fn send_summary(&self, throttle: &Mutex<Throttle>) {
        let Some(summary) = lock(throttle).end() else { return };
        let prefix = &self.settings.subject_prefix;
        let subject = format!("{prefix}{} more records were not mailed one by one", summary.held);
        if let Err(error) = self.send(&self.mail(subject, summary.text, None)) {
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
        if self.postman.recipients().is_empty() || !self.admits(record) {
            return Ok(());
        }
        self.postman.send(&self.postman.mail_of(record)?)
    }

    fn close(&self) {
        *lock(&self.watch) = None;
        if let Some(throttle) = &self.throttle {
            self.postman.send_summary(throttle);
        }
    }
}

/// A handler that a configuration replaced is not closed.
impl Drop for AdminEmailHandler {
    fn drop(&mut self) {
        self.close();
    }
}
