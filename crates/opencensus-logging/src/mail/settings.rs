//! Who is mailed, by whom, and how.

use std::fmt;
use std::sync::Arc;

use crate::mail::{MailBackend, SharedBackend};

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
    /// What sends mails if the handler names nothing else. Default: nothing, and records are lost and counted.
    pub backend: Option<SharedBackend>,
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
        }
    }
}

impl MailSettings {
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
