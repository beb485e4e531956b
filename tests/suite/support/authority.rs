//! Certificates of an authority that no system trusts.

use std::sync::Arc;

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// An authority of its own, and a server that it vouches for: all as PEM.
pub(crate) struct Pem {
    pub(crate) authority: String,
    pub(crate) certificate: String,
    pub(crate) key: String,
}

fn issued() -> (CertifiedIssuer<'static, KeyPair>, Certificate, KeyPair) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    (authority, server, key)
}

/// For a server that reads files.
pub(crate) fn pem() -> Pem {
    let (authority, server, key) = issued();
    Pem { authority: authority.pem(), certificate: server.pem(), key: key.serialize_pem() }
}

/// The authority as PEM, and a server that it vouches for.
pub(crate) fn authority() -> (String, ServerConfig) {
    let (authority, server, key) = issued();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], key)
        .unwrap();
    (authority.pem(), tls)
}
