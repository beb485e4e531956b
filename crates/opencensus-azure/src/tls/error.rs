//! Why TLS cannot be set up.

/// Why TLS cannot be set up. The message has the remedy.
///
/// # Examples
///
/// ```
/// use opencensus_azure::TlsError;
///
/// assert!(TlsError::NoProvider.to_string().contains("tls-ring"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The system has no trusted root certificates.
    #[error(
        "no trusted root certificates were found ({0}): install your system's CA certificates \
         (Debian: `apt-get install ca-certificates`), or name a file of them in `SSL_CERT_FILE`"
    )]
    NoRoots(String),
    /// Neither `tls-ring` nor `tls-aws-lc-rs` is on, and the process has no default provider.
    #[error(
        "TLS has no crypto provider: turn on the feature `tls-ring` or `tls-aws-lc-rs`, or install a provider for the \
         process before the telemetry starts (`rustls::crypto::CryptoProvider::install_default`)"
    )]
    NoProvider,
    /// The crypto provider of the process supports neither TLS 1.2 nor TLS 1.3.
    #[error("the crypto provider of the process cannot be used: {0}")]
    Provider(String),
}
