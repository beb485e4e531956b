//! Delivers a handler's mails, with an outbox or at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::handler_error::HandlerError;
use crate::handler_stats::MailStats;
use crate::mail::outbox::{Outbox, OutboxOptions};
use crate::mail::spool::Spool;
use crate::mail::{Mail, MailContext, MailError, MailSettings, SharedBackend};
use crate::shared::Shared;

/// The delivery of a handler's mails.
pub(crate) enum Delivery {
    /// One after the other in the background, and again while the server is unreachable.
    Spooled(Outbox),
    /// At once, without another attempt, as in Django.
    Direct(SharedBackend),
    /// By a backend of an unknown name: an error for each mail, as in Django.
    UnknownBackend(String),
    /// No backend is configured.
    NoBackend,
}

const SHORTEST_RETRY: Duration = Duration::from_millis(10);
const LONGEST_RETRY: Duration = Duration::from_secs(24 * 60 * 60);

impl Delivery {
    /// Delivers by this backend, with an outbox in front.
    pub(crate) fn spooled(
        backend: SharedBackend,
        handler: &str,
        settings: &MailSettings,
        context: &MailContext,
        shared: &Arc<Shared>,
    ) -> Self {
        Self::Spooled(Outbox::new(OutboxOptions {
            backend,
            handler: handler.to_owned(),
            retry: settings.retry.clamp(SHORTEST_RETRY, LONGEST_RETRY),
            capacity: settings.spool_size.max(1),
            spool: settings.spool_folder.as_deref().map(|folder| Spool::new(folder, handler)),
            outboxes: Arc::clone(&context.outboxes),
            shared: Arc::clone(shared),
        }))
    }

    /// Takes over mails of an earlier process.
    pub(super) fn recover(&self) -> Result<(), HandlerError> {
        if let Self::Spooled(outbox) = self { outbox.recover() } else { Ok(()) }
    }

    pub(super) fn deliver(&self, mail: Mail) -> Result<(), HandlerError> {
        match self {
            Self::Spooled(outbox) => outbox.push(mail, false),
            Self::Direct(backend) => send(backend, &mail).map_err(|error| HandlerError::Other(Box::new(error))),
            Self::UnknownBackend(name) => Err(HandlerError::Other(format!("there is no mail backend '{name}'").into())),
            Self::NoBackend => Err(HandlerError::Other(Box::new(MailError::NoBackend))),
        }
    }

    /// Delivers a summary, for which an outbox keeps more room.
    pub(super) fn deliver_summary(&self, mail: Mail) -> Result<(), HandlerError> {
        match self {
            Self::Spooled(outbox) => outbox.push(mail, true),
            other => other.deliver(mail),
        }
    }

    pub(super) fn close(&self) {
        if let Self::Spooled(outbox) = self {
            outbox.close();
        }
    }

    /// Waits until an attempt was made for each mail, or it waits for the server. `false`: the deadline passed before.
    pub(super) fn wait(&self, deadline: Instant) -> bool {
        if let Self::Spooled(outbox) = self { outbox.wait(deadline) } else { true }
    }

    pub(super) fn stats(&self) -> MailStats {
        if let Self::Spooled(outbox) = self { outbox.stats() } else { MailStats::default() }
    }
}

/// Sends a mail at once. If the server rejects a recipient, the others still receive the mail, as in Django; it fails
/// if all are rejected.
fn send(backend: &SharedBackend, mail: &Mail) -> Result<(), MailError> {
    let sent = backend.send(mail);
    let parts = if sent.as_ref().is_err_and(MailError::is_about_recipients) { mail.for_each_recipient() } else { None };
    let accepted = parts.iter().flatten().filter(|mail| backend.send(mail).is_ok()).count();
    if accepted > 0 { Ok(()) } else { sent }
}
