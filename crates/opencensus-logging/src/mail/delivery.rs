//! How a handler's mails go out.

use std::sync::Arc;

use crate::handlers::{HandlerError, Undelivered};
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

impl Delivery {
    /// By this backend, with an outbox in between.
    pub(crate) fn spooled(backend: SharedBackend, settings: &MailSettings, shared: &Arc<Shared>) -> Self {
        Self::Spooled(Outbox::new(Route {
            backend,
            retry: settings.retry,
            capacity: settings.spool_size.max(1),
            spool: settings.spool_folder.clone().map(Spool::new),
            shared: Arc::clone(shared),
        }))
    }

    /// Takes what an earlier process left behind.
    pub(super) fn begin(&self) -> Result<(), HandlerError> {
        if let Self::Spooled(outbox) = self { outbox.begin() } else { Ok(()) }
    }

    pub(super) fn deliver(&self, mail: Mail) -> Result<(), HandlerError> {
        match self {
            Self::Spooled(outbox) => outbox.push(mail),
            Self::Direct(backend) => backend.send(&mail).map_err(|error| HandlerError::Other(Box::new(error))),
            Self::Unknown(name) => Err(HandlerError::Other(format!("no mail backend is called '{name}'").into())),
            Self::Nothing => Err(HandlerError::Other(Box::new(MailError::NoBackend))),
        }
    }

    pub(super) fn close(&self) {
        if let Self::Spooled(outbox) = self {
            outbox.close();
        }
    }

    pub(super) fn undelivered(&self) -> Undelivered {
        let (waiting, lost) = if let Self::Spooled(outbox) = self { outbox.counts() } else { (0, 0) };
        Undelivered { waiting, lost }
    }
}
