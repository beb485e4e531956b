//! A handler that mails.

use std::sync::Arc;

use crate::dialect::Dialect;
use crate::formatters::{Formatter, message};
use crate::handlers::{Handler, HandlerError};
use crate::mail::report::{self, Rules};
use crate::mail::subject::subject;
use crate::mail::{Mail, MailError, MailSettings, SharedBackend};
use crate::record::Record;
use crate::shared::Shared;

/// By what a handler's mails are sent.
pub(crate) enum Delivery {
    By(SharedBackend),
    /// It is named, and nobody knows it: told when there is a mail, as in Django.
    Unknown(String),
}

/// Django's `AdminEmailHandler`.
pub(crate) struct AdminEmailHandler {
    pub(crate) settings: Arc<MailSettings>,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) include_html: bool,
    /// Not to the administrators.
    pub(crate) to_managers: bool,
    pub(crate) formatter: Arc<dyn Formatter>,
    pub(crate) shared: Arc<Shared>,
}

impl AdminEmailHandler {
    fn recipients(&self) -> &[String] {
        if self.to_managers { &self.settings.managers } else { &self.settings.admins }
    }

    fn mail(&self, record: &Record) -> Result<Mail, HandlerError> {
        let message = message(record)?;
        // The report has the error.
        let mut bare = record.clone();
        (bare.error, bare.stack) = (None, None);
        let mut text = String::new();
        self.formatter.format(&bare, &mut text)?;
        let rules = Rules {
            session_cookie: &self.settings.session_cookie,
            hides_forms: self.shared.dialect == Dialect::Native,
            escaping: self.shared.context.escaping,
        };
        let report = report::text(record, &message, rules);
        let html = self.include_html.then(|| report::html(&report));
        let settings = &self.settings;
        Ok(Mail {
            subject: subject(&settings.subject_prefix, record, &message, &settings.internal_ips),
            from: settings.server_email.clone(),
            to: self.recipients().to_vec(),
            text: format!("{text}\n\n{report}"),
            html,
        })
    }
}

impl Handler for AdminEmailHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        if self.recipients().is_empty() {
            return Ok(());
        }
        let mail = self.mail(record)?;
        let backend = match (&self.delivery, &self.settings.backend) {
            (Some(Delivery::By(backend)), _) | (None, Some(backend)) => backend,
            (Some(Delivery::Unknown(name)), _) => {
                return Err(HandlerError::Other(format!("no mail backend is called '{name}'").into()));
            }
            (None, None) => return Err(HandlerError::Other(Box::new(MailError::NoBackend))),
        };
        backend.send(&mail).map_err(|error| HandlerError::Other(Box::new(error)))
    }
}
