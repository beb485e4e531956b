//! TLS for the client: rustls with ring, never a provider for the whole process.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

/// Why there is no TLS.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "no trusted root certificates were found: install your system's CA certificates \
     (Debian: `apt-get install ca-certificates`), or name a file of them in `SSL_CERT_FILE`"
)]
pub struct TlsError {
    #[source]
    source: rustls::Error,
}

/// The system's certificates, TLS 1.2 and up.
pub(crate) fn system() -> Result<ClientConfig, TlsError> {
    let versions = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|source| TlsError { source })?;
    let verified = versions.with_platform_verifier().map_err(|source| TlsError { source })?;
    Ok(verified.with_no_client_auth())
}

/// Trusts nobody, and reads no file: for plain http endpoints, which never redirect to https
/// elsewhere. The client wants some configuration, or it would look for a process-wide provider.
pub(crate) fn none() -> Result<ClientConfig, TlsError> {
    let versions = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|source| TlsError { source })?;
    Ok(versions.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}
