//! The trait of mail backends.

use std::sync::Arc;

use crate::mail::{Mail, MailError};

/// Sends mails. Several threads may call it at once. Every function `Fn(&Mail) -> Result<(), MailError>` is a backend:
/// it takes the place of an overridden `AdminEmailHandler.send_mail` in Django.
///
/// # Examples
///
/// ```
/// use opencensus_logging::Logging;
/// use opencensus_logging::mail::{Mail, MailError};
///
/// let to_chat = |mail: &Mail| -> Result<(), MailError> {
///     println!("{}: {}", mail.subject, mail.text);
///     Ok(())
/// };
/// let logging = Logging::builder().with_mail_backend("chat", to_chat).build();
/// logging.configure_toml(r#"
///     version = 1
///     handlers.chat = { class = "mail_admins", email_backend = "chat" }
///     root.handlers = ["chat"]
/// "#)?;
/// # Ok::<(), opencensus_logging::config::ConfigFileError>(())
/// ```
pub trait MailBackend: Send + Sync {
    /// Sends a mail, and waits until it is accepted.
    ///
    /// # Errors
    ///
    /// The mail could not be sent. Whether it is tried again depends on
    /// [`is_permanent`](MailError::is_permanent).
    fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

impl<F: Fn(&Mail) -> Result<(), MailError> + Send + Sync> MailBackend for F {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self(mail)
    }
}

/// A backend that several handlers use.
pub(crate) type SharedBackend = Arc<dyn MailBackend>;
