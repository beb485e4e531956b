//! The addresses under which a portal is reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// An address outside, from a range for documentation. No packet is sent to it.
const OUTSIDE: (&str, &str) = ("192.0.2.1:9", "[2001:db8::1]:9");

/// The address for programs of this machine: an unspecified one becomes loopback.
pub(crate) fn local(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The address for other machines: an unspecified one becomes that of the network, or loopback if there is none.
pub(crate) fn remote(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let (from, outside) = if address.is_ipv4() { ("0.0.0.0:0", OUTSIDE.0) } else { ("[::]:0", OUTSIDE.1) };
    // Connecting such a socket only chooses the interface.
    let chosen = UdpSocket::bind(from).and_then(|socket| {
        socket.connect(outside)?;
        socket.local_addr()
    });
    chosen.map_or_else(|_| local(address), |chosen| SocketAddr::new(chosen.ip(), address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unspecified_addresses_become_reachable_ones_with_the_same_port() {
        for (address, expected) in [("0.0.0.0:7", "127.0.0.1:7"), ("[::]:7", "[::1]:7"), ("192.0.2.7:7", "192.0.2.7:7")]
        {
            let address = address.parse().unwrap();
            assert_eq!(local(address).to_string(), expected);
            assert!(!remote(address).ip().is_unspecified() && remote(address).port() == 7);
        }
    }
}
