//! A handler that mails each record, without a report.

use std::sync::Arc;
use std::time::Instant;

use crate::formatters::Formatter;
use crate::handler_error::HandlerError;
use crate::handler_stats::MailStats;
use crate::handlers::{BuiltInHandler, Handler};
use crate::mail::{Delivery, Mail};
use crate::record::Record;

/// Mails the text of each record, as Python's `SMTPHandler` does, through the outbox of the other mails.
pub(crate) struct SmtpHandler {
    delivery: Delivery,
    from: String,
    to: Vec<String>,
    subject: String,
    formatter: Arc<dyn Formatter>,
}

impl SmtpHandler {
    pub(crate) fn new(
        delivery: Delivery,
        from: String,
        to: Vec<String>,
        subject: String,
        formatter: Arc<dyn Formatter>,
    ) -> Self {
        // A line break would end the header.
        let subject = subject.replace(['\r', '\n'], " ");
        Self { delivery, from, to, subject, formatter }
    }
}

impl Handler for SmtpHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let mut mail = Mail::new(self.subject.clone(), self.from.clone(), self.to.clone());
        self.formatter.format(record, &mut mail.text)?;
        self.delivery.deliver(mail)
    }

    fn close(&self) {
        self.delivery.close();
    }

    fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        Some(self)
    }
}

impl BuiltInHandler for SmtpHandler {
    fn recover(&self) -> Result<(), HandlerError> {
        self.delivery.recover()
    }

    /// The spool folder may be another one.
    fn is_current(&self) -> bool {
        false
    }

    fn wait_delivered(&self, deadline: Instant) -> bool {
        self.delivery.wait(deadline)
    }

    fn mail_stats(&self) -> MailStats {
        self.delivery.stats()
    }
}
