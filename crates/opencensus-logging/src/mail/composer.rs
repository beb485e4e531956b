//! Composes mails about records.

use std::sync::Arc;

use crate::dialect::Dialect;
use crate::formatters::{Formatter, message_in};
use crate::handler_error::HandlerError;
use crate::mail::redaction::Redactor;
use crate::mail::report::{self, Rules};
use crate::mail::subject::{shortened, subject};
use crate::mail::throttle::Summary;
use crate::mail::{Mail, MailSettings};
use crate::record::Record;
use crate::shared::Shared;

/// Composes mails about records.
pub(crate) struct MailComposer {
    pub(crate) settings: Arc<MailSettings>,
    pub(crate) include_html: bool,
    /// Whether mails go to the managers instead of the administrators.
    pub(crate) to_managers: bool,
    pub(crate) formatter: Arc<dyn Formatter>,
    pub(crate) shared: Arc<Shared>,
}

impl MailComposer {
    pub(super) fn recipients(&self) -> &[String] {
        if self.to_managers { &self.settings.managers } else { &self.settings.admins }
    }

    /// A mail about a record: its text, then the report.
    pub(super) fn compose(&self, record: &Record) -> Result<Mail, HandlerError> {
        let message = message_in(&self.shared.context, record)?;
        // The report contains the error.
        let mut bare = record.clone();
        (bare.error, bare.stack) = (None, None);
        let mut text = String::new();
        self.formatter.format(&bare, &mut text)?;
        let report = self.report(record, &message);
        let html = self.include_html.then(|| report::html(&report));
        let mut subject = subject(&self.settings.subject_prefix, record, &message, &self.settings.internal_ips);
        if self.is_native() {
            subject = shortened(subject);
        }
        Ok(self.mail(subject, format!("{text}\n\n{report}"), html))
    }

    /// A mail about the suppressed records.
    pub(super) fn compose_summary(&self, summary: &Summary) -> Mail {
        let prefix = &self.settings.subject_prefix;
        let subject = format!("{prefix}{} more records were not mailed one by one", summary.suppressed);
        self.mail(subject, summary.text.clone(), None)
    }

    fn report(&self, record: &Record, message: &str) -> String {
        let redactor = Redactor { session_cookie: &self.settings.session_cookie, is_django: !self.is_native() };
        let (trace_link, escaping) = (self.settings.trace_link.as_deref(), self.shared.context.escaping);
        let report = report::text(record, message, Rules { redactor, trace_link, escaping });
        if self.is_native() { report::cut(report) } else { report }
    }

    fn mail(&self, subject: String, text: String, html: Option<String>) -> Mail {
        let mail = Mail::new(subject, self.settings.server_email.clone(), self.recipients().to_vec());
        Mail { text, html, ..mail }
    }

    fn is_native(&self) -> bool {
        self.shared.dialect == Dialect::Native
    }
}
