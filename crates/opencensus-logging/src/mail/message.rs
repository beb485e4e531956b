//! A mail.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A mail, as a [backend](crate::mail::MailBackend) receives it.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::{Mail, MailError};
///
/// let to_chat = |mail: &Mail| -> Result<(), MailError> {
///     println!("{} for {}: {}", mail.subject, mail.to.join(", "), mail.text);
///     Ok(())
/// };
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Mail {
    /// The subject, in one line.
    pub subject: String,
    /// The sender's address.
    pub from: String,
    /// The recipients' addresses.
    pub to: Vec<String>,
    /// The text.
    pub text: String,
    /// The text as HTML.
    pub html: Option<String>,
    /// The `Message-ID` without the angle brackets, which stays the same when the mail is sent again.
    pub id: String,
    /// The time at which it was composed.
    pub created: SystemTime,
}

impl Mail {
    pub(crate) fn new(subject: String, from: String, to: Vec<String>) -> Self {
        let created = SystemTime::now();
        let id = message_id(created, &from);
        Self { subject, from, to, text: String::new(), html: None, id, created }
    }

    /// A mail for each recipient. `None`: there is only one.
    pub(super) fn for_each_recipient(&self) -> Option<Vec<Self>> {
        let (local, domain) = self.id.split_once('@').unwrap_or((&self.id, "localhost"));
        let part = |(at, to): (usize, &String)| {
            let id = format!("{local}{PART}{at}@{domain}");
            Self { to: vec![to.clone()], id, ..self.clone() }
        };
        (self.to.len() > 1).then(|| self.to.iter().enumerate().map(part).collect())
    }

    /// Whether it is for one of several recipients.
    pub(super) fn is_part(&self) -> bool {
        self.id.contains(PART)
    }

    /// Whether it is for one recipient of this mail.
    pub(super) fn is_part_of(&self, whole: &Self) -> bool {
        let local = whole.id.split('@').next().unwrap_or_default();
        self.id.strip_prefix(local).is_some_and(|rest| rest.starts_with(PART))
    }
}

/// Separates the id of a mail from the number of a recipient.
const PART: &str = ".to-";

/// A unique id: time, process and number.
fn message_id(created: SystemTime, from: &str) -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let nanos = created.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let domain = from.rsplit_once('@').map_or("localhost", |(_, domain)| domain.trim_end_matches('>'));
    format!("{nanos:x}.{:x}.{number:x}@{domain}", std::process::id())
}
