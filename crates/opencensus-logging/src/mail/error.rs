//! Why a mail was not sent.

use std::error::Error;

/// Why a mail was not sent.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::MailError;
///
/// // A custom backend rejects a mail permanently, or only for now.
/// assert!(MailError::Refused("the channel is closed".into()).is_permanent());
/// assert!(!MailError::Other("the chat is unreachable".into()).is_permanent());
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// An address is invalid.
    #[error("`{0}` is not a valid address")]
    Address(String),
    /// The server's host, port or timeout is invalid: no connection could succeed.
    #[error(transparent)]
    Server(ServerFault),
    /// The mail could not be composed.
    #[error("the mail could not be composed: {0}")]
    Message(String),
    /// The server rejected the mail, or could not be reached.
    #[error("mail server error: {0}")]
    Smtp(#[source] SmtpError),
    /// The mail could not be written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// No backend is configured.
    #[error("no mail backend is configured")]
    NoBackend,
    /// The server requires TLS, neither `tls-ring` nor `tls-aws-lc-rs` is on, and the process has no default crypto
    /// provider.
    #[error(
        "TLS has no crypto provider: turn on the feature `tls-ring` or `tls-aws-lc-rs`, or install a provider for the \
         process (`rustls::crypto::CryptoProvider::install_default`)"
    )]
    NoCryptoProvider,
    /// A custom backend rejected the mail permanently.
    #[error("refused: {0}")]
    Refused(Box<dyn Error + Send + Sync>),
    /// Another error of a custom backend. The mail is tried again.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}

/// A value of an [`SmtpServer`](crate::mail::SmtpServer) with which no connection could succeed.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::{MailError, ServerFault, SmtpBackend, SmtpServer};
///
/// let error = SmtpBackend::new(&SmtpServer::new("smtp.shop.example:25")).unwrap_err();
/// assert!(matches!(error, MailError::Server(ServerFault::Host)));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerFault {
    /// The host is empty, or contains a port.
    #[error("the mail server's host is empty or contains a port")]
    Host,
    /// The port is 0.
    #[error("the mail server's port is 0")]
    Port,
    /// The timeout is 0.
    #[error("the mail server's timeout is 0")]
    Timeout,
}

/// An error of the SMTP dialogue.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::MailError;
///
/// fn is_mailbox_full(error: &MailError) -> bool {
///     matches!(error, MailError::Smtp(error) if error.code() == Some(552))
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SmtpError(pub(crate) lettre::transport::smtp::Error);

impl SmtpError {
    /// The status code of the server's last reply, such as 550. `None`: the server did not reply.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        self.0.status().map(Into::into)
    }
}

/// Status codes for a rejected login, which the operator may correct.
const LOGIN_REJECTED: [u16; 4] = [530, 534, 535, 538];

/// The status code of a server that closes the connection, which affects all mails.
const CLOSING: u16 = 421;

impl MailError {
    /// Whether other recipients may still receive the mail.
    pub(crate) fn is_about_recipients(&self) -> bool {
        match self {
            Self::Address(_) => true,
            Self::Smtp(error) => match error.code() {
                Some(code) => !LOGIN_REJECTED.contains(&code) && code != CLOSING,
                // Such as an address that the server does not support.
                None => error.0.is_client(),
            },
            _ => false,
        }
    }

    /// Whether other mails may still be sent.
    pub(crate) fn is_about_one_mail(&self) -> bool {
        self.is_permanent() || self.is_about_recipients() || matches!(self, Self::Other(_))
    }

    /// Whether another attempt would fail, too.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Address(_) | Self::Server(_) | Self::Message(_) | Self::NoBackend | Self::Refused(_) => true,
            Self::Smtp(error) => {
                error.0.is_permanent() && !error.code().is_some_and(|code| LOGIN_REJECTED.contains(&code))
            }
            Self::Io(_) | Self::Other(_) | Self::NoCryptoProvider => false,
        }
    }
}
