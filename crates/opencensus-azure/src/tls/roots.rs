//! Root certificates that are trusted in addition to the system's.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Root certificates that are trusted in addition to the system's.
///
/// # Examples
///
/// ```
/// use opencensus_azure::{ExtraRoots, ParseRootsError};
///
/// assert_eq!(ExtraRoots::from_pem(b"no certificate"), Err(ParseRootsError::Empty));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ExtraRoots(Vec<CertificateDer<'static>>);

/// Why extra root certificates were rejected.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseRootsError {
    /// The text is not valid PEM.
    #[error("the extra root certificates are not valid PEM")]
    NotPem,
    /// The text contains no certificate.
    #[error("the extra root certificates contain no `-----BEGIN CERTIFICATE-----`")]
    Empty,
    /// The certificate with this number, counted from 1, is malformed.
    #[error("extra root certificate number {0} is malformed")]
    NotACertificate(usize),
}

impl ExtraRoots {
    /// Parses the certificates of a PEM text. Other sections of the text are ignored.
    ///
    /// # Errors
    ///
    /// The text is not valid PEM, contains no certificate, or contains a malformed one.
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

    pub(crate) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_roots_are_rejected_with_the_reason() {
        let parse = |pem: &str| ExtraRoots::from_pem(pem.as_bytes()).unwrap_err();
        assert_eq!(parse("nothing"), ParseRootsError::Empty);
        assert_eq!(parse("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"), ParseRootsError::NotPem);
        let no_certificate = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        assert_eq!(parse(no_certificate), ParseRootsError::NotACertificate(1));
    }
}
