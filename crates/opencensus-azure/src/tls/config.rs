//! The TLS configuration of the client.

use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::{ClientConfig, ConfigBuilder};
use rustls_platform_verifier::Verifier;

use crate::tls::error::TlsError;
use crate::tls::provider::provider;
use crate::tls::roots::ExtraRoots;

/// Trusts the system's root certificates and `extra`. TLS 1.2 and later.
pub(crate) fn system(extra: &ExtraRoots) -> Result<ClientConfig, TlsError> {
    let provider = provider()?;
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Provider(error.to_string()))?;
    let verifier = Verifier::new_with_extra_roots(extra.certificates().iter().cloned(), provider);
    let verifier = verifier.map_err(|error| TlsError::NoRoots(error.to_string()))?;
    let builder: ConfigBuilder<_, WantsClientCert> =
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.with_no_client_auth())
}
