//! Resolves the client behind trusted proxies.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use crate::request::client_header::ClientHeader;
use crate::request::forwarded::{self, Hop};
use crate::request::host::is_host;
use crate::request::{Header, RequestHead};

/// The proxies whose reports about the client are trusted.
///
/// Headers are read only if the connection's other end is a trusted proxy. The configured header is then read from
/// its end while addresses are trusted. The first address that is not trusted is the client's; if all are trusted,
/// the first entry is. An entry that is not an address (`unknown`, `_hidden`) ends the search, and the client is
/// unknown: a value that an untrusted client wrote is never used.
///
/// # Examples
///
/// ```
/// use opencensus_core::{ForwardedHeader, TrustedProxies};
///
/// let proxies = TrustedProxies::new(["10.0.0.0/8", "::1"], ForwardedHeader::XForwardedFor)?;
/// let client = proxies.client("10.0.0.1".parse()?, ["198.51.100.66, 203.0.113.7, 10.0.0.2".as_bytes()].into_iter());
/// assert_eq!(client, "203.0.113.7".parse().ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: ForwardedHeader,
}

/// The header in which proxies report the client. [`TrustedProxies`] has an example.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, together with `X-Forwarded-Proto` and `X-Forwarded-Host`. The default.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// Any other header, such as `X-Azure-ClientIP` or `CF-Connecting-IP`: an address, or a list of addresses that is read
    /// as `X-Forwarded-For`, together with `X-Forwarded-Proto` and `X-Forwarded-Host`.
    Named(ClientHeader),
}

/// The text is neither an address nor a network.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is neither an address nor a network such as `10.0.0.0/8`")]
pub struct InvalidProxy(String);

/// The client's request as reported by proxies; `None` fields are not reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ForwardedRequest {
    pub(crate) client: Option<IpAddr>,
    pub(crate) scheme: Option<String>,
    pub(crate) host: Option<String>,
}

impl ForwardedRequest {
    pub(crate) fn heap_size(&self) -> usize {
        [&self.scheme, &self.host].into_iter().flatten().map(String::capacity).sum()
    }
}

impl TrustedProxies {
    /// Creates a list of trusted addresses and networks, whose reports are read from this header.
    ///
    /// # Errors
    ///
    /// The first text that is neither an address nor a network.
    pub fn new<S: AsRef<str>>(
        networks: impl IntoIterator<Item = S>,
        header: ForwardedHeader,
    ) -> Result<Self, InvalidProxy> {
        let networks = networks.into_iter().map(|text| network(text.as_ref().trim()));
        Ok(Self { networks: networks.collect::<Result<_, _>>()?, header })
    }

    /// Whether no proxy is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// The client's address, from the address of the connection's other end and the lines of the header. `None`:
    /// it is unknown.
    pub fn client<'a>(&self, peer: IpAddr, lines: impl Iterator<Item = &'a [u8]>) -> Option<IpAddr> {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return Some(peer);
        }
        let hops = self.hops(lines)?;
        self.client_hop(&hops).map_or(Some(peer), |at| hops[at].client)
    }

    /// The request as reported by the proxies. `None`: the connection's other end is not trusted.
    pub(crate) fn resolve<H: RequestHead>(&self, head: &H) -> Option<ForwardedRequest> {
        let peer = head.peer()?.ip().to_canonical();
        if !self.trusts(peer) {
            return None;
        }
        let Some(hops) = self.hops(head.header(self.header.name())) else { return Some(ForwardedRequest::default()) };
        let Some(at) = self.client_hop(&hops) else {
            return Some(ForwardedRequest { client: Some(peer), ..self.companions(head, 0) });
        };
        let from_end = hops.len() - 1 - at;
        let Hop { client, scheme, host } = hops.into_iter().nth(at).unwrap_or_default();
        Some(match self.header {
            ForwardedHeader::Forwarded => ForwardedRequest { client, scheme, host },
            ForwardedHeader::XForwardedFor | ForwardedHeader::Named(_) => {
                ForwardedRequest { client, ..self.companions(head, from_end) }
            }
        })
    }

    /// The headers that accompany `X-Forwarded-For`: their values at this distance from the end, or the last ones.
    fn companions<H: RequestHead>(&self, head: &H, from_end: usize) -> ForwardedRequest {
        if self.header == ForwardedHeader::Forwarded {
            return ForwardedRequest::default();
        }
        let value = |name| forwarded::list_value(head.header(name), from_end);
        ForwardedRequest {
            client: None,
            scheme: value(Header::XForwardedProto).filter(|scheme| forwarded::is_scheme(scheme)),
            host: value(Header::XForwardedHost).filter(|host| is_host(host)),
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    fn hops<'a>(&self, lines: impl Iterator<Item = &'a [u8]>) -> Option<Vec<Hop>> {
        match self.header {
            ForwardedHeader::XForwardedFor | ForwardedHeader::Named(_) => Some(forwarded::x_forwarded_for(lines)),
            ForwardedHeader::Forwarded => forwarded::forwarded(lines),
        }
    }

    /// The last entry that is not a trusted address; the first entry if all are trusted.
    fn client_hop(&self, hops: &[Hop]) -> Option<usize> {
        let is_proxy = |hop: &Hop| hop.client.is_some_and(|address| self.trusts(address));
        hops.iter().rposition(|hop| !is_proxy(hop)).or_else(|| (!hops.is_empty()).then_some(0))
    }
}

impl ForwardedHeader {
    fn name(self) -> Header {
        match self {
            Self::XForwardedFor => Header::XForwardedFor,
            Self::Forwarded => Header::Forwarded,
            Self::Named(name) => Header::Client(name),
        }
    }
}

fn network(text: &str) -> Result<IpNet, InvalidProxy> {
    let network = IpNet::from_str(text).or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| InvalidProxy(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_addresses_with_or_without_a_prefix_length() {
        assert!(TrustedProxies::new(["10.0.0.0/8", " ::1 ", "2001:db8::/32"], ForwardedHeader::default()).is_ok());
        for text in ["", "10.0.0.0/33", "proxy.example", "10.0.0.1:80", "*"] {
            assert!(TrustedProxies::new([text], ForwardedHeader::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn reports_of_untrusted_peers_are_ignored() {
        let proxies = TrustedProxies::new(["10.0.0.0/8"], ForwardedHeader::XForwardedFor).unwrap();
        let client = |peer: &str, line: &str| proxies.client(peer.parse().unwrap(), [line.as_bytes()].into_iter());
        assert_eq!(client("203.0.113.9", "198.51.100.66"), "203.0.113.9".parse().ok());
        assert_eq!(client("10.0.0.1", "198.51.100.66, 203.0.113.7"), "203.0.113.7".parse().ok());
        assert_eq!(client("10.0.0.1", "198.51.100.66, unknown, 10.0.0.2"), None);
    }

    #[test]
    fn element_with_a_parameter_twice_ends_the_search() {
        let proxies = TrustedProxies::new(["10.0.0.0/8"], ForwardedHeader::Forwarded).unwrap();
        let client = |line: &str| proxies.client("10.0.0.1".parse().unwrap(), [line.as_bytes()].into_iter());
        assert_eq!(client("for=198.51.100.66;for=203.0.113.7"), None);
        assert_eq!(client("for=198.51.100.66, for=10.0.0.3;for=10.0.0.2"), None);
        assert_eq!(client("for=10.0.0.3;for=10.0.0.2, for=203.0.113.7, for=10.0.0.2"), "203.0.113.7".parse().ok());
    }
}
