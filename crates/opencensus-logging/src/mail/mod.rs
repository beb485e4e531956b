//! Mail to the administrators.
//!
//! The handler `mail_admins` (Django's `django.utils.log.AdminEmailHandler`) mails each record to the administrators,
//! with a report of the request that it belongs to. It works in the background.
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
//! # While the server is away
//!
//! Mails go out one after the other on a thread of their own. While their server is away they wait, the oldest 100 of
//! them, and are tried again every 30 seconds, for five days at most. If another configuration holds meanwhile they go the
//! way of its handler of the same name, or go on as before if there is none. In a folder
//! ([`MailSettings::spool_folder`]), where each holds an open file, they outlive the process. A recipient whom the server refuses does not keep a mail
//! from the others. What is refused for good is lost, counted ([`MailStats`](crate::handlers::MailStats)) and told, and
//! so is what finds no room. `spool = false` sends each mail at once and gives it up if that fails, as Django does; that
//! is the default in Python's dialect. A mail whose server took it without saying so in time goes out again under the
//! same `Message-ID`.
//!
//! # What is hidden
//!
//! Values of headers and cookies whose names hold `API`, `AUTH`, `TOKEN`, `KEY`, `SECRET`, `PASS`, `SIGNATURE` or
//! `HTTP_COOKIE`, and the session's cookie, are twenty stars, as in Django. Outside of Python's dialect so are values
//! by the names that telemetry redacts ([`is_secret_query_key`](opencensus_settings::secret_names::is_secret_query_key)), and all these rules hold for forms
//! and for queries, too, which Django mails as they are.

mod backends;
pub(crate) mod cleanse;
mod delivery;
mod handler;
mod outbox;
mod outboxes;
mod report;
mod settings;
mod spool;
mod subject;
mod throttle;

pub use crate::request_report::{DeferredReport, RequestReport};
pub use backends::{
    ConsoleBackend, DummyBackend, FileBackend, MailBackend, MailError, MemoryBackend, SmtpBackend, SmtpSecurity,
    SmtpServer,
};
pub(crate) use delivery::Delivery;
pub(crate) use handler::{AdminEmailHandler, Postman};
pub(crate) use outboxes::Outboxes;
pub use settings::MailSettings;
pub(crate) use throttle::Limits;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

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
    /// Its name in the world, without the angle brackets: the same however often it is sent.
    pub id: String,
    /// When it was written.
    pub created: SystemTime,
}

impl Mail {
    pub(crate) fn new(subject: String, from: String, to: Vec<String>) -> Self {
        let created = SystemTime::now();
        let id = message_id(created, &from);
        Self { subject, from, to, text: String::new(), html: None, id, created }
    }

    /// The same for each recipient alone. `None`: there is but one.
    fn one_by_one(&self) -> Option<Vec<Self>> {
        let (local, domain) = self.id.split_once('@').unwrap_or((&self.id, "localhost"));
        let alone = |(at, to): (usize, &String)| {
            let id = format!("{local}{PART}{at}@{domain}");
            Self { to: vec![to.clone()], id, ..self.clone() }
        };
        (self.to.len() > 1).then(|| self.to.iter().enumerate().map(alone).collect())
    }

    /// Whether it was made for one recipient of several.
    fn is_part(&self) -> bool {
        self.id.contains(PART)
    }

    fn is_part_of(&self, whole: &Self) -> bool {
        let local = whole.id.split('@').next().unwrap_or_default();
        self.id.strip_prefix(local).is_some_and(|rest| rest.starts_with(PART))
    }
}

/// Between a mail's name and its part's number.
const PART: &str = ".to-";

/// A name that no other mail has: time, process and number.
fn message_id(created: SystemTime, from: &str) -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let nanos = created.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let domain = from.rsplit_once('@').map_or("localhost", |(_, domain)| domain.trim_end_matches('>'));
    format!("{nanos:x}.{:x}.{number:x}@{domain}", std::process::id())
}

pub(crate) type SharedBackend = Arc<dyn MailBackend>;
