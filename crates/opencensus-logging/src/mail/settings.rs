//! Mail settings.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::mail::{
    ConsoleBackend, DummyBackend, MailBackend, MailError, MemoryBackend, SharedBackend, SmtpBackend, SmtpServer,
};
use crate::stream::Stream;

/// Mail settings, as in Django: sender, recipients, backend. Start from [`Default`].
///
/// # Examples
///
/// ```
/// use opencensus_logging::Logging;
/// use opencensus_logging::mail::{MailSettings, SmtpServer};
///
/// let server = SmtpServer::new("smtp.shop.example").with_port(587);
/// let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_smtp(&server)?;
/// let logging = Logging::builder().with_mail(mail).build();
/// # Ok::<(), opencensus_logging::mail::MailError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct MailSettings {
    /// `ADMINS`: addresses. Default: none, and nothing is mailed.
    pub admins: Vec<String>,
    /// `MANAGERS`: addresses, for handlers with `recipients = "managers"`. Default: none.
    pub managers: Vec<String>,
    /// `SERVER_EMAIL`: the sender's address. Default: `root@localhost`.
    pub server_email: String,
    /// `EMAIL_SUBJECT_PREFIX`. Default: `[Django] `.
    pub subject_prefix: String,
    /// `INTERNAL_IPS`: addresses of internal clients, compared as text. Default: none.
    pub internal_ips: Vec<String>,
    /// `SESSION_COOKIE_NAME`: the session cookie, which is always redacted. Default: `sessionid`.
    pub session_cookie: String,
    /// A link to the trace of a record, with the placeholder `{trace_id}`. Default: none; mails contain only the id.
    pub trace_link: Option<String>,
    /// `EMAIL_BACKEND`: the backend of handlers that name no other. Default: none, and their records count as failed.
    pub backend: Option<SharedBackend>,
    /// The backend `smtp`. Default: none.
    pub smtp: Option<SharedBackend>,
    /// The server of the backend `smtp`, which a settings file may change in part. Default: none.
    pub server: Option<SmtpServer>,
    /// The backend `file`. Default: none.
    pub file: Option<SharedBackend>,
    /// The backend `memory`: Django's `mail.outbox`. Default: an empty one.
    pub outbox: MemoryBackend,
    /// The folder in which mails wait for the server, with a subfolder for each handler; created if it does not exist.
    /// Default: none, mails wait in memory.
    pub spool_folder: Option<PathBuf>,
    /// The time between a failure and the next attempt, from 10 ms to a day. Default: 30 s.
    pub retry: Duration,
    /// The most mails that wait for the server; with a folder, each holds an open file. Default: 100.
    pub spool_size: usize,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            admins: Vec::new(),
            managers: Vec::new(),
            server_email: "root@localhost".to_owned(),
            subject_prefix: "[Django] ".to_owned(),
            internal_ips: Vec::new(),
            session_cookie: "sessionid".to_owned(),
            trace_link: None,
            backend: None,
            smtp: None,
            server: None,
            file: None,
            outbox: MemoryBackend::default(),
            spool_folder: None,
            retry: RETRY,
            spool_size: SPOOL_SIZE,
        }
    }
}

const RETRY: Duration = Duration::from_secs(30);
const SPOOL_SIZE: usize = 100;

impl MailSettings {
    /// Whether there are administrators or managers.
    pub(crate) fn has_recipients(&self) -> bool {
        !self.admins.is_empty() || !self.managers.is_empty()
    }

    /// The built-in backend of this name: this crate's name, or Django's path.
    pub(crate) fn built_in_backend(&self, name: &str, stdout: &Stream) -> Option<SharedBackend> {
        match name {
            "console" | "django.core.mail.backends.console.EmailBackend" => {
                Some(Arc::new(ConsoleBackend::new(stdout.clone())))
            }
            "dummy" | "django.core.mail.backends.dummy.EmailBackend" => Some(Arc::new(DummyBackend)),
            "file" | "django.core.mail.backends.filebased.EmailBackend" => self.file.clone(),
            "memory" | "django.core.mail.backends.locmem.EmailBackend" => Some(Arc::new(self.outbox.clone())),
            "smtp" | "django.core.mail.backends.smtp.EmailBackend" => self.smtp.clone(),
            _ => None,
        }
    }

    /// Sets the administrators' addresses.
    #[must_use]
    pub fn with_admins<S: Into<String>>(mut self, admins: impl IntoIterator<Item = S>) -> Self {
        self.admins = admins.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the managers' addresses.
    #[must_use]
    pub fn with_managers<S: Into<String>>(mut self, managers: impl IntoIterator<Item = S>) -> Self {
        self.managers = managers.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the sender's address.
    #[must_use]
    pub fn with_server_email(mut self, address: impl Into<String>) -> Self {
        self.server_email = address.into();
        self
    }

    /// Sets the prefix of subjects.
    #[must_use]
    pub fn with_subject_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.subject_prefix = prefix.into();
        self
    }

    /// Sets the addresses of internal clients.
    #[must_use]
    pub fn with_internal_ips<S: Into<String>>(mut self, ips: impl IntoIterator<Item = S>) -> Self {
        self.internal_ips = ips.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the name of the session cookie.
    #[must_use]
    pub fn with_session_cookie(mut self, name: impl Into<String>) -> Self {
        self.session_cookie = name.into();
        self
    }

    /// Sets the link to a trace, with the placeholder `{trace_id}`.
    #[must_use]
    pub fn with_trace_link(mut self, link: impl Into<String>) -> Self {
        self.trace_link = Some(link.into());
        self
    }

    /// Sends mails to a mail server.
    ///
    /// # Errors
    ///
    /// Those of [`SmtpBackend::new`].
    pub fn with_smtp(mut self, server: &SmtpServer) -> Result<Self, MailError> {
        let backend: SharedBackend = Arc::new(SmtpBackend::new(server)?);
        (self.smtp, self.backend) = (Some(Arc::clone(&backend)), Some(backend));
        self.server = Some(server.clone());
        Ok(self)
    }

    /// Sets the folder in which mails wait for the server, and survive the process.
    #[must_use]
    pub fn with_spool_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.spool_folder = Some(folder.into());
        self
    }

    /// Sets the time between a failure and the next attempt.
    #[must_use]
    pub fn with_retry(mut self, retry: Duration) -> Self {
        self.retry = retry;
        self
    }

    /// Sets the backend.
    #[must_use]
    pub fn with_backend(mut self, backend: impl MailBackend + 'static) -> Self {
        self.backend = Some(Arc::new(backend));
        self
    }
}

impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailSettings")
            .field("admins", &self.admins)
            .field("server_email", &self.server_email)
            .field("backend", &self.backend.is_some())
            .finish_non_exhaustive()
    }
}
