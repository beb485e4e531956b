//! Provides TLS for connections, from a kept certificate or from one in memory.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tokio_rustls::TlsAcceptor;

use crate::clock;
use crate::tls::certificate::Certificate;
use crate::tls::error::CertificateError;

/// The certificate of a portal. Without a folder it is made when it is first needed, and lost with the portal.
#[derive(Default)]
pub(crate) struct TlsProvider {
    certificate: OnceLock<Certificate>,
    acceptor: OnceLock<TlsAcceptor>,
    path: Option<PathBuf>,
}

impl fmt::Debug for TlsProvider {
    /// Without the key.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TlsProvider").field("path", &self.path).finish_non_exhaustive()
    }
}

impl TlsProvider {
    /// Provides a certificate that a folder keeps, whose authority is in the file `path`.
    pub(crate) fn kept(certificate: Certificate, path: PathBuf) -> Self {
        Self { certificate: certificate.into(), acceptor: OnceLock::new(), path: Some(path) }
    }

    pub(crate) fn certificate(&self) -> Result<&Certificate, CertificateError> {
        if let Some(certificate) = self.certificate.get() {
            return Ok(certificate);
        }
        let made = Certificate::make(clock::now())?;
        Ok(self.certificate.get_or_init(|| made))
    }

    /// The file that clients trust, if a folder keeps the certificate.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, CertificateError> {
        if let Some(acceptor) = self.acceptor.get() {
            return Ok(acceptor.clone());
        }
        let config = self.certificate()?.server_config()?;
        Ok(self.acceptor.get_or_init(|| Arc::new(config).into()).clone())
    }
}
