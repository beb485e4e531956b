//! The cause by the error of a POST that got no response.

use std::error::Error;
use std::io;

use opencensus_core::FailureCause;

/// The cause that an error and its sources state. The error must not show a URL with credentials.
pub(crate) fn cause_of_error(error: &(dyn Error + 'static)) -> FailureCause {
    let cause = FailureCause::from_error(error);
    let mut errors = std::iter::successors(Some(error), |error| (*error).source());
    let otherwise = "check the network, and a proxy or firewall on the way to the endpoint";
    cause.with_remedy(errors.find_map(remedy).unwrap_or(otherwise))
}

/// What the operator can do about this one error of a chain.
fn remedy(error: &(dyn Error + 'static)) -> Option<&'static str> {
    const UNKNOWN_HOST: &str = "check the host in `IngestionEndpoint` of the connection string, and the name server";
    const CERTIFICATE: &str = "the endpoint's certificate is not trusted: name its authority in `azure.extra_roots` \
                               (`OPENCENSUS_AZURE_EXTRA_ROOTS`), or check a proxy that inspects TLS";
    const TIMEOUT: &str = "check the network and a firewall on the way, or raise `azure.timeout`";
    if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref::<rustls::Error>() {
        return Some(CERTIFICATE);
    }
    const PROXY: &str = "check the proxy's host, port, user and password: `azure.proxy` (`OPENCENSUS_AZURE_PROXY`), \
                         `HTTPS_PROXY` and `HTTP_PROXY`; `NO_PROXY` lists the hosts that need none";
    let text = error.to_string();
    // Before the causes: the proxy, not the endpoint, may be an unknown host or refuse the connection.
    if text.starts_with("the proxy ") || text.starts_with("tunnel error") {
        return Some(PROXY);
    }
    if text.contains("invalid peer certificate") {
        return Some(CERTIFICATE);
    }
    if ["dns error", "failed to lookup address"].iter().any(|words| text.contains(words)) {
        return Some(UNKNOWN_HOST);
    }
    if ["timed out", "no response within"].iter().any(|words| text.contains(words)) {
        return Some(TIMEOUT);
    }
    match error.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::ConnectionRefused => Some(
            "nothing listens at the endpoint: start it, or check the host and port in `IngestionEndpoint` of the \
             connection string",
        ),
        io::ErrorKind::TimedOut => Some(TIMEOUT),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remedy_follows_from_any_error_of_the_chain() {
        #[derive(Debug, thiserror::Error)]
        #[error("could not connect")]
        struct Connect(#[source] io::Error);
        let remedy = |kind: io::ErrorKind| cause_of_error(&Connect(kind.into())).to_string();
        assert!(remedy(io::ErrorKind::ConnectionRefused).contains("nothing listens at the endpoint"));
        assert!(remedy(io::ErrorKind::TimedOut).contains("azure.timeout"));
        assert!(remedy(io::ErrorKind::ConnectionReset).contains("check the network"));
    }
}
