//! The crypto provider of TLS.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use crate::tls::error::TlsError;

/// The provider that the application installed for the process, else the one of the feature.
pub(crate) fn provider() -> Result<Arc<CryptoProvider>, TlsError> {
    let installed = CryptoProvider::get_default().cloned();
    installed.or_else(|| built_in().map(Arc::new)).ok_or(TlsError::NoProvider)
}

#[cfg(feature = "tls-aws-lc-rs")]
fn built_in() -> Option<CryptoProvider> {
    Some(rustls::crypto::aws_lc_rs::default_provider())
}

#[cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc-rs")))]
fn built_in() -> Option<CryptoProvider> {
    Some(rustls::crypto::ring::default_provider())
}

#[cfg(not(any(feature = "tls-aws-lc-rs", feature = "tls-ring")))]
fn built_in() -> Option<CryptoProvider> {
    None
}
