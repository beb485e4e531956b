//! How a handler's mails go out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::handlers::{HandlerError, MailStats};
use crate::mail::outbox::{Outbox, Route};
use crate::mail::spool::Spool;
use crate::mail::{Mail, MailError, MailSettings, SharedBackend};
use crate::shared::Shared;

/// How a handler's mails go out.
pub(crate) enum Delivery {
    /// One after the other, and again while the server is away.
    Spooled(Outbox),
    /// At once and once, as in Django.
    Direct(SharedBackend),
    /// By a backend that nobody knows by its name: told when there is a mail, as in Django.
    Unknown(String),
    /// By nothing.
    Nothing,
}

const SHORTEST_RETRY: Duration = Duration::from_millis(10);
const LONGEST_RETRY: Duration = Duration::from_secs(24 * 60 * 60);

impl Delivery {
    /// By this backend, with an outbox in between.
    pub(crate) fn spooled(
        backend: SharedBackend,
        handler: &str,
        settings: &MailSettings,
        shared: &Arc<Shared>,
    ) -> Self {
        Self::Spooled(Outbox::new(Route {
            backend,
            handler: handler.to_owned(),
            retry: settings.retry.clamp(SHORTEST_RETRY, LONGEST_RETRY),
            capacity: settings.spool_size.max(1),
            spool: settings.spool_folder.as_deref().map(|folder| Spool::new(folder, handler)),
            shared: Arc::clone(shared),
        }))
    }

    /// Takes what an earlier process left behind.
    pub(super) fn recover(&self) -> Result<(), HandlerError> {
        if let Self::Spooled(outbox) = self { outbox.recover() } else { Ok(()) }
    }

    pub(super) fn deliver(&self, mail: Mail) -> Result<(), HandlerError> {
        match self {
            Self::Spooled(outbox) => outbox.push(mail, false),
            Self::Direct(backend) => send(backend, &mail).map_err(|error| HandlerError::Other(Box::new(error))),
            Self::Unknown(name) => Err(HandlerError::Other(format!("no mail backend is called '{name}'").into())),
            Self::Nothing => Err(HandlerError::Other(Box::new(MailError::NoBackend))),
        }
    }

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

    pub(super) fn wait(&self, deadline: Instant) -> bool {
        if let Self::Spooled(outbox) = self { outbox.wait(deadline) } else { true }
    }

    pub(super) fn stats(&self) -> MailStats {
        if let Self::Spooled(outbox) = self { outbox.stats() } else { MailStats::default() }
    }
}

/// At once. Who is refused does not keep the mail from the others, as in Django; it fails if all are.
fn send(backend: &SharedBackend, mail: &Mail) -> Result<(), MailError> {
    let sent = backend.send(mail);
    let alone = if sent.as_ref().is_err_and(MailError::is_about_recipients) { mail.one_by_one() } else { None };
    let taken = alone.iter().flatten().filter(|mail| backend.send(mail).is_ok()).count();
    if taken > 0 { Ok(()) } else { sent }
}
