//! A copy of a request's head.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::ids::SpanId;
use crate::propagation::{TraceContext, TraceState};
use crate::request::{HttpVersion, Privacy, RequestHead};
use crate::telemetry::request::Sampling;
use crate::telemetry::request::text::{Field, Text};

/// A copy of a request's head, and its place in the trace. It does not change while the request is handled, so
/// that it is read without a lock.
#[derive(Clone, Debug)]
pub(crate) struct RecordHead {
    pub(crate) context: TraceContext,
    pub(crate) parent: Option<SpanId>,
    pub(crate) trace_state: Option<TraceState>,
    pub(crate) sampling: Sampling,
    pub(super) text: Text,
    peer: Peer,
    pub(crate) privacy: Privacy,
    pub(crate) version: HttpVersion,
    /// The service knows the method, whatever IANA's registry has.
    pub(crate) is_known_method: bool,
}

impl RecordHead {
    /// Creates a record whose head is empty. Inlined, because it is large enough for moves to cost.
    #[inline(always)]
    pub(crate) fn empty(
        context: TraceContext,
        parent: Option<SpanId>,
        trace_state: Option<TraceState>,
        sampling: Sampling,
    ) -> Self {
        let (privacy, version) = (Privacy::default(), HttpVersion::Http11);
        Self {
            context,
            parent,
            trace_state,
            sampling,
            text: Text::new(),
            peer: Peer::Unknown,
            privacy,
            version,
            is_known_method: false,
        }
    }

    /// Copies the request's head.
    #[inline(always)]
    pub(crate) fn fill<H: RequestHead>(&mut self, head: &H, privacy: Privacy) {
        self.privacy = privacy;
        self.text.fill([
            head.method().as_bytes(),
            head.scheme().unwrap_or_default().as_bytes(),
            head.host().unwrap_or_default(),
            head.path().as_bytes(),
            head.query().unwrap_or_default().as_bytes(),
            head.known_route().unwrap_or_default().as_bytes(),
            head.user_agent().unwrap_or_default(),
        ]);
        self.peer = head.peer().map_or(Peer::Unknown, Peer::of);
        self.version = head.version();
    }

    /// The target's path.
    pub(crate) fn path(&self) -> Cow<'_, str> {
        self.text.get(Field::Path)
    }

    /// The route that the head came with.
    pub(crate) fn route(&self) -> Option<Cow<'_, str>> {
        Some(self.text.get(Field::Route)).filter(|route| !route.is_empty())
    }

    /// Whether the head came with a route.
    pub(crate) fn has_route(&self) -> bool {
        self.text.has_route()
    }

    /// The address of the connection's other end.
    pub(crate) fn peer(&self) -> Option<SocketAddr> {
        match self.peer {
            Peer::Unknown => None,
            Peer::V4(address, port) => Some((IpAddr::V4(Ipv4Addr::from(address)), port).into()),
            Peer::V6(address, port) => Some((IpAddr::V6(Ipv6Addr::from(address)), port).into()),
        }
    }

    /// Bytes on the heap.
    pub(crate) fn heap_size(&self) -> usize {
        self.text.heap_size() + self.trace_state.as_ref().map_or(0, TraceState::len)
    }
}

/// A socket address in 20 bytes, without an IPv6 scope, which has no meaning on other hosts.
#[derive(Clone, Copy, Debug)]
enum Peer {
    Unknown,
    V4([u8; 4], u16),
    V6([u8; 16], u16),
}

impl Peer {
    fn of(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(v4) => Self::V4(v4.ip().octets(), v4.port()),
            SocketAddr::V6(v6) => Self::V6(v6.ip().octets(), v6.port()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_back_without_a_scope() {
        let mut head = RecordHead::empty(TraceContext::root(), None, None, Sampling::default());
        for address in ["192.0.2.7:443", "[2001:db8::7]:8443"] {
            head.peer = Peer::of(address.parse().unwrap());
            assert_eq!(head.peer().unwrap().to_string(), address);
        }
        assert!(size_of::<Peer>() <= 20);
    }
}
