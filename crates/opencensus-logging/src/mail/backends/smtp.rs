//! Mails by a server.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Identity, Tls, TlsParameters, TlsParametersBuilder};
use lettre::{SmtpTransport, Transport as _};

use crate::mail::backends::message;
use crate::mail::{Mail, MailBackend, MailError};

/// How the way to a mail server is secured.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SmtpSecurity {
    /// Not at all: Django's default, for a server on the same machine.
    #[default]
    None,
    /// From the second step on: Django's `EMAIL_USE_TLS`. A server that cannot do it gets no mail.
    StartTls,
    /// From the first byte on: Django's `EMAIL_USE_SSL`.
    Tls,
}

/// A mail server: Django's settings `EMAIL_HOST` and on.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::{SmtpSecurity, SmtpServer};
///
/// let server = SmtpServer::new("smtp.shop.example")
///     .with_port(587)
///     .with_security(SmtpSecurity::StartTls)
///     .with_login("shop", "hunter2");
/// assert!(!format!("{server:?}").contains("hunter2"));
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct SmtpServer {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: SmtpSecurity,
    pub(crate) login: Option<(String, String)>,
    pub(crate) timeout: Duration,
    pub(crate) extra_roots: Option<PathBuf>,
    pub(crate) certificate: Option<(PathBuf, PathBuf)>,
}

/// Django's.
const PORT: u16 = 25;
/// For each step. Django waits for ever.
const TIMEOUT: Duration = Duration::from_secs(30);

impl SmtpServer {
    /// On this host, at port 25, without TLS and login, and with 30 s for each step.
    #[must_use]
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: PORT,
            security: SmtpSecurity::None,
            login: None,
            timeout: TIMEOUT,
            extra_roots: None,
            certificate: None,
        }
    }

    /// `EMAIL_PORT`. Default: 25.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// `EMAIL_USE_TLS`, `EMAIL_USE_SSL`. Default: none.
    #[must_use]
    pub fn with_security(mut self, security: SmtpSecurity) -> Self {
        self.security = security;
        self
    }

    /// `EMAIL_HOST_USER` and `EMAIL_HOST_PASSWORD`. Default: no login.
    #[must_use]
    pub fn with_login(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Some((name.into(), password.into()));
        self
    }

    /// `EMAIL_TIMEOUT`, for each step. Default: 30 s.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// A file of PEM with root certificates that are trusted besides the system's. Default: none.
    #[must_use]
    pub fn with_extra_roots(mut self, file: impl Into<PathBuf>) -> Self {
        self.extra_roots = Some(file.into());
        self
    }

    /// `EMAIL_SSL_CERTFILE` and `EMAIL_SSL_KEYFILE`: files of PEM by which the server knows this client. Default: none.
    #[must_use]
    pub fn with_certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.certificate = Some((certificate.into(), key.into()));
        self
    }

    fn tls(&self) -> Result<TlsParameters, MailError> {
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(file) = &self.extra_roots {
            builder = roots(file)?.into_iter().fold(builder, TlsParametersBuilder::add_root_certificate);
        }
        if let Some((certificate, key)) = &self.certificate {
            let identity = Identity::from_pem(&std::fs::read(certificate)?, &std::fs::read(key)?)?;
            builder = builder.identify_with(identity);
        }
        Ok(builder.build()?)
    }
}

fn roots(file: &Path) -> Result<Vec<Certificate>, MailError> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    let text = std::fs::read_to_string(file)?;
    // lettre reads one certificate of a text.
    let parts = text.split_inclusive("-----END CERTIFICATE-----").filter(|part| part.contains(BEGIN));
    Ok(parts.map(|part| Certificate::from_pem(part.as_bytes())).collect::<Result<_, _>>()?)
}

/// Not the password.
impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpServer")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("user", &self.login.as_ref().map(|(user, _)| user))
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Sends mails to a server. TLS is rustls with ring, and the system's certificates.
#[derive(Clone, Debug)]
pub struct SmtpBackend {
    transport: SmtpTransport,
}

impl SmtpBackend {
    /// By this server. Nothing is said to it before there is a mail.
    ///
    /// # Errors
    ///
    /// The certificates cannot be read, or the server's name makes no sense to TLS.
    pub fn new(server: &SmtpServer) -> Result<Self, MailError> {
        let tls = match server.security {
            SmtpSecurity::None => Tls::None,
            SmtpSecurity::StartTls => Tls::Required(server.tls()?),
            SmtpSecurity::Tls => Tls::Wrapper(server.tls()?),
        };
        let builder = SmtpTransport::builder_dangerous(&server.host);
        let mut builder = builder.port(server.port).tls(tls).timeout(Some(server.timeout));
        if let Some((name, password)) = server.login.clone() {
            builder = builder.credentials(Credentials::new(name, password));
        }
        Ok(Self { transport: builder.build() })
    }
}

impl MailBackend for SmtpBackend {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.transport.send(&message(mail)?)?;
        Ok(())
    }
}
