//! Who is mailed, by whom, and how.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::handlers::Stream;
use crate::mail::{
    ConsoleBackend, DummyBackend, MailBackend, MailError, MemoryBackend, SharedBackend, SmtpBackend, SmtpServer,
};

/// Who is mailed, by whom, and how: Django's settings of mail. Start from [`Default`].
#[derive(Clone)]
#[non_exhaustive]
pub struct MailSettings {
    /// `ADMINS`: addresses. Default: nobody, and nothing is mailed.
    pub admins: Vec<String>,
    /// `MANAGERS`: addresses, for handlers with `recipients = "managers"`. Default: nobody.
    pub managers: Vec<String>,
    /// `SERVER_EMAIL`: whom mails are from. Default: `root@localhost`.
    pub server_email: String,
    /// `EMAIL_SUBJECT_PREFIX`. Default: `[Django] `.
    pub subject_prefix: String,
    /// `INTERNAL_IPS`: clients whose requests are one's own, compared as texts. Default: none.
    pub internal_ips: Vec<String>,
    /// `SESSION_COOKIE_NAME`: the cookie that is hidden whatever its name. Default: `sessionid`.
    pub session_cookie: String,
    /// A link to the trace of a record's request, with `{trace_id}` where its id belongs. Default: none; the id alone is
    /// told.
    pub trace_link: Option<String>,
    /// `EMAIL_BACKEND`: what sends mails if the handler names nothing else. Default: nothing, and records are lost and
    /// counted.
    pub backend: Option<SharedBackend>,
    /// The backend that handlers may name `smtp`. Default: none.
    pub smtp: Option<SharedBackend>,
    /// The server that it sends to, which a file of settings may change in part. Default: none.
    pub server: Option<SmtpServer>,
    /// The backend that handlers may name `file`. Default: none.
    pub file: Option<SharedBackend>,
    /// The backend that handlers may name `memory`: Django's `mail.outbox`. Default: an empty one.
    pub outbox: MemoryBackend,
    /// Where mails wait for their server, in a folder for each handler; made if it is not there. Default: in memory.
    pub spool_folder: Option<PathBuf>,
    /// How long a server is left alone after a failure; at least 10 ms and at most a day count. Default: 30 s.
    pub retry: Duration,
    /// Mails that wait for their server at most; with a folder, each has an open file. Default: 100.
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
    /// Whether there is anybody to mail to.
    pub(crate) fn is_addressed(&self) -> bool {
        !self.admins.is_empty() || !self.managers.is_empty()
    }

    /// The backend that a handler or a file names: by this crate's name, or by Django's path.
    pub(crate) fn backend_named(&self, name: &str, stdout: &Stream) -> Option<SharedBackend> {
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

    /// The administrators' addresses.
    #[must_use]
    pub fn with_admins<S: Into<String>>(mut self, admins: impl IntoIterator<Item = S>) -> Self {
        self.admins = admins.into_iter().map(Into::into).collect();
        self
    }

    /// The managers' addresses.
    #[must_use]
    pub fn with_managers<S: Into<String>>(mut self, managers: impl IntoIterator<Item = S>) -> Self {
        self.managers = managers.into_iter().map(Into::into).collect();
        self
    }

    /// Whom mails are from.
    #[must_use]
    pub fn with_server_email(mut self, address: impl Into<String>) -> Self {
        self.server_email = address.into();
        self
    }

    /// What subjects begin with.
    #[must_use]
    pub fn with_subject_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.subject_prefix = prefix.into();
        self
    }

    /// Clients whose requests are one's own.
    #[must_use]
    pub fn with_internal_ips<S: Into<String>>(mut self, ips: impl IntoIterator<Item = S>) -> Self {
        self.internal_ips = ips.into_iter().map(Into::into).collect();
        self
    }

    /// The name of the session's cookie.
    #[must_use]
    pub fn with_session_cookie(mut self, name: impl Into<String>) -> Self {
        self.session_cookie = name.into();
        self
    }

    /// A link to the trace, with `{trace_id}` in it.
    #[must_use]
    pub fn with_trace_link(mut self, link: impl Into<String>) -> Self {
        self.trace_link = Some(link.into());
        self
    }

    /// A mail server sends mails.
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

    /// Mails wait for their server in this folder, and outlive the process there.
    #[must_use]
    pub fn with_spool_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.spool_folder = Some(folder.into());
        self
    }

    /// How long a server is left alone after a failure.
    #[must_use]
    pub fn with_retry(mut self, retry: Duration) -> Self {
        self.retry = retry;
        self
    }

    /// What sends mails.
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
