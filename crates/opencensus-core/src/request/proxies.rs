//! Whose word about the client counts.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use crate::request::forwarded::{self, Hop};
use crate::request::{Header, RequestHead};

/// The proxies that are believed when they say who the client is and what it asked for.
///
/// Nothing is read from a header unless the connection's other end is one of them. Then the one header
/// that is set up is walked from its end while addresses are trusted; the first that is not is the
/// client's; if all are, the first of all. What is no address (`unknown`, `_hidden`, junk) ends the
/// walk: the client is unknown then, and never what a stranger wrote.
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

/// The header that proxies tell the client in.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, with `X-Forwarded-Proto` and `X-Forwarded-Host` beside it. The default.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// A text that is neither an address nor a network.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is no address and no network such as `10.0.0.0/8`")]
pub struct InvalidProxy(String);

/// What proxies say about a request; what is `None` they do not say.
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
    /// Trusts these addresses and networks, and reads this header.
    ///
    /// # Errors
    ///
    /// The first text that is neither.
    pub fn new<S: AsRef<str>>(
        networks: impl IntoIterator<Item = S>,
        header: ForwardedHeader,
    ) -> Result<Self, InvalidProxy> {
        let networks = networks.into_iter().map(|text| network(text.as_ref().trim()));
        Ok(Self { networks: networks.collect::<Result<_, _>>()?, header })
    }

    /// Whether nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// The client's address by the lines of the header, and the address of the connection's other end.
    /// `None`: it is unknown.
    pub fn client<'a>(&self, peer: IpAddr, lines: impl Iterator<Item = &'a [u8]>) -> Option<IpAddr> {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return Some(peer);
        }
        let hops = self.hops(lines)?;
        self.client_hop(&hops).map_or(Some(peer), |at| hops[at].client)
    }

    /// What the proxies say about a request. `None`: the other end is not one of them.
    pub(crate) fn resolve<H: RequestHead>(&self, head: &H) -> Option<ForwardedRequest> {
        let peer = head.peer()?.ip().to_canonical();
        if !self.trusts(peer) {
            return None;
        }
        let Some(hops) = self.hops(head.header(self.header.name())) else { return Some(ForwardedRequest::default()) };
        let Some(at) = self.client_hop(&hops) else {
            return Some(ForwardedRequest { client: Some(peer), ..self.beside(head, 0) });
        };
        let from_end = hops.len() - 1 - at;
        let Hop { client, scheme, host } = hops.into_iter().nth(at).unwrap_or_default();
        Some(match self.header {
            ForwardedHeader::Forwarded => ForwardedRequest { client, scheme, host },
            ForwardedHeader::XForwardedFor => ForwardedRequest { client, ..self.beside(head, from_end) },
        })
    }

    /// The headers beside `X-Forwarded-For`: as many places from their end, or their last value.
    fn beside<H: RequestHead>(&self, head: &H, from_end: usize) -> ForwardedRequest {
        if self.header != ForwardedHeader::XForwardedFor {
            return ForwardedRequest::default();
        }
        let value = |name| forwarded::list_value(head.header(name), from_end);
        ForwardedRequest {
            client: None,
            scheme: value(Header::XForwardedProto).filter(|scheme| forwarded::is_scheme(scheme)),
            host: value(Header::XForwardedHost).filter(|host| forwarded::is_host(host)),
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    fn hops<'a>(&self, lines: impl Iterator<Item = &'a [u8]>) -> Option<Vec<Hop>> {
        match self.header {
            ForwardedHeader::XForwardedFor => Some(forwarded::x_forwarded_for(lines)),
            ForwardedHeader::Forwarded => forwarded::forwarded(lines),
        }
    }

    /// From the end, the first that is not trusted, or no address; the first of all, if all are trusted.
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
    fn networks_are_addresses_with_a_length_or_without() {
        assert!(TrustedProxies::new(["10.0.0.0/8", " ::1 ", "2001:db8::/32"], ForwardedHeader::default()).is_ok());
        for text in ["", "10.0.0.0/33", "proxy.example", "10.0.0.1:80", "*"] {
            assert!(TrustedProxies::new([text], ForwardedHeader::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn strangers_word_counts_for_nothing() {
        let proxies = TrustedProxies::new(["10.0.0.0/8"], ForwardedHeader::XForwardedFor).unwrap();
        let client = |peer: &str, line: &str| proxies.client(peer.parse().unwrap(), [line.as_bytes()].into_iter());
        assert_eq!(client("203.0.113.9", "198.51.100.66"), "203.0.113.9".parse().ok());
        assert_eq!(client("10.0.0.1", "198.51.100.66, 203.0.113.7"), "203.0.113.7".parse().ok());
        assert_eq!(client("10.0.0.1", "198.51.100.66, unknown, 10.0.0.2"), None);
    }
}
