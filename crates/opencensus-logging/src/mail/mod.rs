//! Mail to the administrators.
//!
//! The handler `mail_admins` (Django's `django.utils.log.AdminEmailHandler`) mails each record to the administrators,
//! with a report of the request that it belongs to. It works in the background; what cannot be sent is counted as lost.
//!
//! ```
//! use opencensus_logging::Logging;
//! use opencensus_logging::mail::{MailSettings, MemoryBackend};
//!
//! let outbox = MemoryBackend::default();
//! let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(outbox.clone());
//! let logging = Logging::builder().with_mail(mail).build();
//! logging.configure_toml(r#"
//!     version = 1
//!     handlers.mail_admins = { class = "mail_admins", level = "ERROR" }
//!     root.handlers = ["mail_admins"]
//! "#)?;
//! logging.get_logger("shop").error("no chairs left");
//! logging.flush(std::time::Duration::from_secs(5));
//! assert_eq!(outbox.mails()[0].subject, "[Django] ERROR: no chairs left");
//! # Ok::<(), opencensus_logging::config::ConfigFileError>(())
//! ```
//!
//! # How many mails
//!
//! The first record of a kind (level, logger, message before its values, type of the error) is mailed; the others of a
//! window of `window` (10 minutes) are counted, and so are those beyond `cap` (20) mails of all kinds. One mail at the
//! window's end, or at a shutdown, tells how many of which. `throttle = false` mails every record, as Django does; that
//! is the default in Python's dialect.
//!
//! # What is hidden
//!
//! Values of settings, headers and cookies whose names hold `API`, `AUTH`, `TOKEN`, `KEY`, `SECRET`, `PASS`,
//! `SIGNATURE` or `HTTP_COOKIE`, and the session's cookie, are twenty stars, as in Django. Outside of Python's dialect so
//! are values of forms and queries by the same names, which Django mails as they are.

mod backends;
mod cleanse;
mod handler;
mod report;
mod settings;
mod subject;
mod throttle;

pub use backends::{
    ConsoleBackend, DummyBackend, FileBackend, MailBackend, MailError, MemoryBackend, SmtpBackend, SmtpSecurity,
};
pub(crate) use handler::{AdminEmailHandler, Delivery, Postman};
pub use settings::MailSettings;
pub(crate) use throttle::Limits;

use std::sync::Arc;

/// A mail.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Mail {
    /// One line.
    pub subject: String,
    /// Whom it is from.
    pub from: String,
    /// Whom it goes to.
    pub to: Vec<String>,
    /// Its text.
    pub text: String,
    /// The same in HTML.
    pub html: Option<String>,
}

pub(crate) type SharedBackend = Arc<dyn MailBackend>;
