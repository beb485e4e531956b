//! TLS for the client: rustls with ring, never a provider for the whole process.

use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use rustls_platform_verifier::Verifier;

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

/// Certificates of authorities that are trusted besides the system's.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ExtraRoots(Vec<CertificateDer<'static>>);

/// Why extra root certificates cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseRootsError {
    /// It is no PEM.
    #[error("the extra root certificates are no PEM")]
    NotPem,
    /// There is nothing in it.
    #[error("the extra root certificates hold no `-----BEGIN CERTIFICATE-----`")]
    Empty,
    /// One cannot be trusted as a root.
    #[error("the extra root certificate number {0}, counted from 1, is no certificate")]
    NotACertificate(usize),
}

impl ExtraRoots {
    /// Reads certificates in PEM; whatever else the text holds is passed over.
    ///
    /// # Errors
    ///
    /// It is no PEM, holds no certificate, or one that cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, ParseRootsError> {
        let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let roots: Vec<CertificateDer<'static>> = roots.map_err(|_| ParseRootsError::NotPem)?;
        if roots.is_empty() {
            return Err(ParseRootsError::Empty);
        }
        let mut store = RootCertStore::empty();
        for (at, root) in roots.iter().enumerate() {
            store.add(root.clone()).map_err(|_| ParseRootsError::NotACertificate(at + 1))?;
        }
        Ok(Self(roots))
    }
}

/// The system's certificates and `extra`, TLS 1.2 and up.
pub(crate) fn system(extra: &ExtraRoots) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|source| TlsError { source })?;
    let verifier = Verifier::new_with_extra_roots(extra.0.iter().cloned(), provider);
    let verifier = verifier.map_err(|source| TlsError { source })?;
    let builder: ConfigBuilder<_, WantsClientCert> =
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.with_no_client_auth())
}

/// Trusts nobody, and reads no file: for plain http endpoints, which never redirect to https
/// elsewhere. The client wants some configuration, or it would look for a process-wide provider.
pub(crate) fn none() -> Result<ClientConfig, TlsError> {
    let versions = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|source| TlsError { source })?;
    Ok(versions.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_that_are_none_are_told_by_reason() {
        let parse = |pem: &str| ExtraRoots::from_pem(pem.as_bytes()).unwrap_err();
        assert_eq!(parse("nothing"), ParseRootsError::Empty);
        assert_eq!(parse("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"), ParseRootsError::NotPem);
        let no_certificate = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        assert_eq!(parse(no_certificate), ParseRootsError::NotACertificate(1));
    }
}
