//! The environment variables that make a program send its telemetry to a portal.

use std::path::PathBuf;

pub(super) const CONNECTION_STRING: &str = "APPLICATIONINSIGHTS_CONNECTION_STRING";
const OTLP_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const OTLP_PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
/// Node's clients send over TLS only.
const NODE_CERTIFICATES: &str = "NODE_EXTRA_CA_CERTS";

/// Where telemetry is sent.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub(super) connection_string: String,
    /// The address, without a slash at its end.
    pub(super) endpoint: String,
    /// The portal's certificate, if it exists.
    pub(super) certificate: Option<PathBuf>,
}

/// The variables to set, and those that the user has set.
#[derive(Debug, PartialEq)]
pub(super) struct Variables {
    pub(super) set: Vec<(&'static str, String)>,
    pub(super) kept: Vec<&'static str>,
}

impl Variables {
    /// Sets what `is_set` denies. The two variables of OTLP belong together: the user's endpoint keeps its protocol.
    pub(super) fn new(destination: Destination, is_set: impl Fn(&str) -> bool) -> Self {
        let Destination { connection_string, endpoint, certificate } = destination;
        let mut variables = vec![(CONNECTION_STRING, connection_string)];
        let mut kept = Vec::new();
        if let Some(name) = [OTLP_ENDPOINT, OTLP_PROTOCOL].into_iter().find(|name| is_set(name)) {
            kept.push(name);
        } else {
            variables.extend([(OTLP_ENDPOINT, endpoint), (OTLP_PROTOCOL, "http/protobuf".to_owned())]);
        }
        variables.extend(certificate.map(|path| (NODE_CERTIFICATES, path.to_string_lossy().into_owned())));
        let (user, set): (Vec<_>, Vec<_>) = variables.into_iter().partition(|(name, _)| is_set(name));
        kept.extend(user.into_iter().map(|(name, _)| name));
        Self { set, kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(user: &[&str]) -> (Vec<&'static str>, Vec<&'static str>) {
        let destination = Destination {
            connection_string: "InstrumentationKey=k".into(),
            endpoint: "http://127.0.0.1:1".into(),
            certificate: Some("ca.pem".into()),
        };
        let Variables { set, kept } = Variables::new(destination, |name| user.contains(&name));
        (set.into_iter().map(|(name, _)| name).collect(), kept)
    }

    #[test]
    fn variables_of_the_user_are_kept() {
        let all = vec![CONNECTION_STRING, OTLP_ENDPOINT, OTLP_PROTOCOL, NODE_CERTIFICATES];
        assert_eq!(variables(&[]), (all, vec![]));
        for otlp in [OTLP_ENDPOINT, OTLP_PROTOCOL] {
            assert_eq!(variables(&[otlp]), (vec![CONNECTION_STRING, NODE_CERTIFICATES], vec![otlp]));
        }
        let (set, kept) = variables(&[CONNECTION_STRING, NODE_CERTIFICATES]);
        assert_eq!((set, kept), (vec![OTLP_ENDPOINT, OTLP_PROTOCOL], vec![CONNECTION_STRING, NODE_CERTIFICATES]));
    }
}
