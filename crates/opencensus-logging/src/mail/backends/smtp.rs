//! A backend that sends mails to a mail server.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Identity, Tls, TlsParameters, TlsParametersBuilder};
use lettre::{SmtpTransport, Transport as _};

use crate::mail::mime::compose;
use crate::mail::{Mail, MailBackend, MailError, ServerFault, SmtpError};

/// The encryption of the connection to a mail server.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SmtpSecurity {
    /// None: Django's default, for a server on the same machine.
    #[default]
    None,
    /// STARTTLS: Django's `EMAIL_USE_TLS`. A server without STARTTLS receives no mail.
    StartTls,
    /// TLS from the first byte on: Django's `EMAIL_USE_SSL`.
    Tls,
}

/// A mail server: Django's settings `EMAIL_HOST`, `EMAIL_PORT` and so on.
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

/// Django's default.
const PORT: u16 = 25;
/// For each step of the dialogue. Django waits without a limit.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest timeout: the clock cannot represent every later point in time.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

impl SmtpServer {
    /// A server on this host, at port 25, without TLS and login, and with a timeout of 30 s.
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

    /// Sets the port: `EMAIL_PORT`. Default: 25.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the encryption: `EMAIL_USE_TLS`, `EMAIL_USE_SSL`. Default: none.
    #[must_use]
    pub fn with_security(mut self, security: SmtpSecurity) -> Self {
        self.security = security;
        self
    }

    /// Sets the login: `EMAIL_HOST_USER` and `EMAIL_HOST_PASSWORD`. Default: no login.
    #[must_use]
    pub fn with_login(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Some((name.into(), password.into()));
        self
    }

    /// Sets the timeout of each step of the dialogue: `EMAIL_TIMEOUT`. Default: 30 s; at most a day.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }

    /// Trusts the root certificates of a PEM file, besides those of the system. Default: none.
    #[must_use]
    pub fn with_extra_roots(mut self, file: impl Into<PathBuf>) -> Self {
        self.extra_roots = Some(file.into());
        self
    }

    /// Sets the client certificate, as PEM files: `EMAIL_SSL_CERTFILE` and `EMAIL_SSL_KEYFILE`. Default: none.
    #[must_use]
    pub fn with_certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.certificate = Some((certificate.into(), key.into()));
        self
    }

    /// What makes every connection impossible.
    pub(crate) fn faults(&self) -> Vec<ServerFault> {
        let host = self.host.trim();
        // An IPv6 address has several colons, and no brackets here.
        let has_port = host.starts_with('[') || host.bytes().filter(|byte| *byte == b':').count() == 1;
        let faults = [
            (host.is_empty() || has_port, ServerFault::Host),
            (self.port == 0, ServerFault::Port),
            (self.timeout.is_zero(), ServerFault::Timeout),
        ];
        faults.into_iter().filter_map(|(is_fault, fault)| is_fault.then_some(fault)).collect()
    }

    fn tls(&self) -> Result<TlsParameters, MailError> {
        if !has_crypto_provider() {
            return Err(MailError::NoCryptoProvider);
        }
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(file) = &self.extra_roots {
            builder = roots(file)?.into_iter().fold(builder, TlsParametersBuilder::add_root_certificate);
        }
        if let Some((certificate, key)) = &self.certificate {
            let identity = Identity::from_pem(&std::fs::read(certificate)?, &std::fs::read(key)?).map_err(smtp)?;
            builder = builder.identify_with(identity);
        }
        builder.build().map_err(smtp)
    }
}

/// Whether TLS has a crypto provider. Without one lettre panics.
fn has_crypto_provider() -> bool {
    cfg!(any(feature = "tls-aws-lc-rs", feature = "tls-ring"))
        || rustls::crypto::CryptoProvider::get_default().is_some()
}

fn roots(file: &Path) -> Result<Vec<Certificate>, MailError> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    let text = std::fs::read_to_string(file)?;
    // lettre reads only one certificate of a text.
    let parts = text.split_inclusive("-----END CERTIFICATE-----").filter(|part| part.contains(BEGIN));
    parts.map(|part| Certificate::from_pem(part.as_bytes())).collect::<Result<_, _>>().map_err(smtp)
}

fn smtp(error: lettre::transport::smtp::Error) -> MailError {
    MailError::Smtp(SmtpError(error))
}

/// Shows everything but the password and the certificates.
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

/// Sends mails to a mail server. TLS is rustls with ring, and trusts the system's certificates.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::{SmtpBackend, SmtpServer};
///
/// let backend = SmtpBackend::new(&SmtpServer::new("localhost"))?;
/// # Ok::<(), opencensus_logging::mail::MailError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SmtpBackend {
    transport: SmtpTransport,
}

impl SmtpBackend {
    /// A backend that sends to this server. It connects with the first mail.
    ///
    /// # Errors
    ///
    /// The host contains a port, the port or the timeout is 0, the certificates cannot be read, or the server's name is
    /// not valid for TLS.
    pub fn new(server: &SmtpServer) -> Result<Self, MailError> {
        if let Some(fault) = server.faults().first() {
            return Err(MailError::Server(*fault));
        }
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
        self.transport.send(&compose(mail)?).map(|_| ()).map_err(smtp)
    }
}
