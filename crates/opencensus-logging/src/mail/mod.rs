//! Mails to the administrators.
//!
//! The handler `mail_admins` (Django's `django.utils.log.AdminEmailHandler`) mails records to the administrators, with
//! a report of the request that a record is about. It runs in the background.
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
//! # Number of mails
//!
//! The first record of a kind (level, logger, place in the source, type of the error) is mailed. Further records
//! of the kind within `window` (10 minutes) are counted, as are records beyond `cap` (20) mails of all kinds. At the
//! end of the window, or at a shutdown, one mail lists the counts. `throttle = false` mails every record, as Django
//! does; that is the default in Python's dialect.
//!
//! # Unreachable mail servers
//!
//! A background thread sends mails one after the other. While the server is unreachable, up to 100 mails wait, and are
//! tried again every 30 seconds, for at most five days. When a new configuration replaces the handler, its waiting
//! mails go to the new handler of the same name; without one, they are still delivered as before. In a folder
//! ([`MailSettings::spool_folder`]), where each mail holds an open file, they survive the process.
//!
//! If the server rejects a recipient, the other recipients still receive the mail. Mails that are rejected permanently,
//! or find no room, are lost: they are counted ([`MailStats`](crate::handlers::MailStats)) and reported. A mail that the
//! server accepted without confirming it in time is sent again, under the same `Message-ID`. With `spool = false` each
//! mail is sent at once, and given up if that fails, as in Django; that is the default in Python's dialect.
//!
//! # Redaction
//!
//! Values of headers and cookies whose names contain `API`, `AUTH`, `TOKEN`, `KEY`, `SECRET`, `PASS`, `SIGNATURE` or
//! `HTTP_COOKIE`, and the session cookie, are replaced by twenty stars, as in Django. Outside of Python's dialect this
//! also applies to the names that telemetry [redacts](opencensus_settings::secret_names::is_secret), and to
//! forms and queries, which Django mails as they are.

mod backend;
mod backends;
mod composer;
mod context;
mod delivery;
mod error;
mod handler;
mod message;
mod mime;
mod outbox;
mod outboxes;
mod queued_mail;
mod redaction;
mod report;
mod settings;
mod smtp_handler;
mod spool;
mod subject;
mod throttle;

pub use backend::MailBackend;
pub(crate) use backend::SharedBackend;
pub use backends::{ConsoleBackend, DummyBackend, FileBackend, MemoryBackend, SmtpBackend, SmtpSecurity, SmtpServer};
pub(crate) use composer::MailComposer;
pub(crate) use context::MailContext;
pub(crate) use delivery::Delivery;
pub use error::{MailError, ServerFault, SmtpError};
pub(crate) use handler::AdminEmailHandler;
pub use message::Mail;
pub use settings::MailSettings;
pub(crate) use smtp_handler::SmtpHandler;
pub(crate) use throttle::Limits;

pub use crate::deferred_report::DeferredReport;
pub use crate::request_report::RequestReport;
