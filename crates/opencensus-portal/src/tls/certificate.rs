//! The certificate of the portal, and its text form.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::tls::error::CertificateError;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;
/// How long a certificate is valid. Clients of Apple's refuse more than 825 days.
const VALIDITY: i64 = 397 * DAY;
/// A certificate that expires within this time is made again, so that a portal does not outlive it.
const RENEWAL: i64 = 30 * DAY;
/// Clocks of containers may be late.
const BACKDATED: i64 = DAY;
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// A certificate for this machine with its key, signed by an authority whose key is not kept: a program that trusts the
/// authority trusts this certificate and no other.
pub(crate) struct Certificate {
    /// The expiry in seconds since 1970, the certificate, the authority's certificate and the certificate's key.
    text: String,
}

impl Certificate {
    /// Makes a certificate that is valid from `now`, in microseconds since 1970.
    pub(crate) fn make(now: i64) -> Result<Self, CertificateError> {
        Self::signed(now).map_err(|error| CertificateError::NotMade(error.to_string()))
    }

    fn signed(now: i64) -> Result<Self, rcgen::Error> {
        let mut authority = parameters("opencensus-portal on this machine: authority", Vec::new(), now)?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let authority_key = KeyPair::generate()?;
        let authority_certificate = authority.self_signed(&authority_key)?.pem();
        let authority = Issuer::new(authority, authority_key);
        let mut server = parameters("opencensus-portal on this machine", NAMES.map(str::to_owned).into(), now)?;
        server.is_ca = IsCa::ExplicitNoCa;
        server.use_authority_key_identifier_extension = true;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate = server.signed_by(&key, &authority)?.pem();
        let expiry = (now + VALIDITY) / 1_000_000;
        let text = format!("expires: {expiry}\n{certificate}{authority_certificate}{}", key.serialize_pem());
        Ok(Self { text: text.replace("\r\n", "\n") })
    }

    /// Parses the text form. `None` if it is malformed, or expired or nearly so at `now`.
    pub(super) fn parse(text: String, now: i64) -> Option<Self> {
        let certificate = Self { text };
        let is_valid = certificate.expiry()? * 1_000_000 - RENEWAL > now;
        (is_valid && certificate.server_config().is_ok()).then_some(certificate)
    }

    /// The text form, which contains the key.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The end of validity in seconds since 1970.
    pub(crate) fn expiry(&self) -> Option<i64> {
        self.text.strip_prefix("expires: ")?.lines().next()?.parse().ok()
    }

    /// The authority's certificate, which clients trust, as PEM.
    pub(crate) fn authority(&self) -> &str {
        let begin = self.text.rfind(BEGIN).unwrap_or(self.text.len());
        let authority = &self.text[begin..];
        let end = authority.find("-----BEGIN PRIVATE").unwrap_or(authority.len());
        &authority[..end]
    }

    /// The configuration of a TLS server with this certificate.
    pub(super) fn server_config(&self) -> Result<ServerConfig, CertificateError> {
        let not_made = |error: String| CertificateError::NotMade(error);
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(self.text.as_bytes()).collect();
        let chain = chain.map_err(|error| not_made(error.to_string()))?;
        let key = PrivateKeyDer::from_pem_slice(self.text.as_bytes()).map_err(|error| not_made(error.to_string()))?;
        let builder = ServerConfig::builder_with_provider(ring::default_provider().into());
        let config = builder.with_safe_default_protocol_versions().and_then(|builder| {
            let mut config = builder.with_no_client_auth().with_single_cert(chain, key)?;
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Ok(config)
        });
        config.map_err(|error| not_made(error.to_string()))
    }
}

fn parameters(name: &str, names: Vec<String>, now: i64) -> Result<CertificateParams, rcgen::Error> {
    let time = |micros: i64| date_time_ymd(1970, 1, 1) + Duration::from_micros(u64::try_from(micros).unwrap_or(0));
    let mut parameters = CertificateParams::new(names)?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    (parameters.not_before, parameters.not_after) = (time(now - BACKDATED), time(now + VALIDITY));
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_709_618_828_000_000;

    #[test]
    fn certificate_is_parsed_until_it_nearly_expires() {
        let certificate = Certificate::make(NOW).unwrap();
        let text = certificate.text().to_owned();
        assert_eq!(certificate.expiry(), Some((NOW + VALIDITY) / 1_000_000));
        let parsed = |now| Certificate::parse(text.clone(), now).is_some();
        assert!(parsed(NOW) && parsed(NOW + VALIDITY - RENEWAL - 1_000_000));
        assert!(!parsed(NOW + VALIDITY - RENEWAL));
    }

    #[test]
    fn malformed_texts_and_keys_of_other_certificates_are_not_parsed() {
        let text = Certificate::make(NOW).unwrap().text().to_owned();
        let other = Certificate::make(NOW).unwrap();
        let key = text.find("-----BEGIN PRIVATE").unwrap();
        let other_key = &other.text()[other.text().find("-----BEGIN PRIVATE").unwrap()..];
        for malformed in [
            String::new(),
            text[..key].to_owned(),
            text[..key + 60].to_owned(),
            text.replacen("expires: ", "", 1),
            text.replacen("MII", "XII", 1),
            format!("{}{other_key}", &text[..key]),
        ] {
            assert!(Certificate::parse(malformed.clone(), NOW).is_none(), "{malformed}");
        }
    }

    #[test]
    fn authority_is_one_certificate_without_the_key() {
        let certificate = Certificate::make(NOW).unwrap();
        let authority = certificate.authority();
        assert!(authority.starts_with(BEGIN) && authority.ends_with("-----END CERTIFICATE-----\n"), "{authority}");
        assert_eq!(CertificateDer::pem_slice_iter(authority.as_bytes()).count(), 1);
        assert!(!authority.contains("PRIVATE"));
    }
}
