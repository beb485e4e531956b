//! Certificates of an authority that no system trusts.

use std::sync::Arc;

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const HOST: &str = "127.0.0.1";
/// The year in which a certificate expires that is valid now.
const FUTURE: i32 = 4096;

/// A new authority and a server certificate for 127.0.0.1 that it signed, all as PEM.
pub struct Pem {
    /// The authority's certificate.
    pub authority: String,
    /// The server's certificate.
    pub certificate: String,
    /// The server's private key.
    pub key: String,
}

fn issue(host: &str, year_of_expiry: i32) -> (CertifiedIssuer<'static, KeyPair>, Certificate, KeyPair) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([host.to_owned()]).unwrap();
    params.not_after = date_time_ymd(year_of_expiry, 1, 1);
    let server = params.signed_by(&key, &authority).unwrap();
    (authority, server, key)
}

/// Certificates for a server that reads them from files.
pub fn pem() -> Pem {
    let (authority, server, key) = issue(HOST, FUTURE);
    Pem { authority: authority.pem(), certificate: server.pem(), key: key.serialize_pem() }
}

/// The authority as PEM, and the settings of a server whose certificate it signed.
pub fn server_config() -> (String, ServerConfig) {
    server_config_for(HOST, FUTURE)
}

/// The same with a certificate for another host.
pub fn server_config_of_another_host() -> (String, ServerConfig) {
    server_config_for("shop.example", FUTURE)
}

/// The same with a certificate that has expired.
pub fn expired_server_config() -> (String, ServerConfig) {
    server_config_for(HOST, 2000)
}

fn server_config_for(host: &str, year_of_expiry: i32) -> (String, ServerConfig) {
    let (authority, server, key) = issue(host, year_of_expiry);
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], key)
        .unwrap();
    (authority.pem(), tls)
}
