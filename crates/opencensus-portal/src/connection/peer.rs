//! The address of a connection's other end.

use std::net::{IpAddr, SocketAddr};

/// The address from which a request comes, in the extensions of the request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Peer(SocketAddr);

impl Peer {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self(address)
    }

    /// Whether it is this machine.
    pub(crate) fn is_local(self) -> bool {
        // A socket for both families has IPv4 addresses in the form of IPv6.
        let ip: IpAddr = self.0.ip().to_canonical();
        ip.is_loopback()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_addresses_of_both_families_are_local() {
        for (address, is_local) in [
            ("127.0.0.1:1", true),
            ("127.9.9.9:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("192.0.2.1:1", false),
            ("[::ffff:192.0.2.1]:1", false),
            ("[2001:db8::1]:1", false),
        ] {
            assert_eq!(Peer::new(address.parse().unwrap()).is_local(), is_local, "{address}");
        }
    }
}
