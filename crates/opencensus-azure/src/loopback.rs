//! Hosts that name this machine.

use std::net::IpAddr;

/// Whether a URL's host names this machine. IPv6 addresses are in brackets.
pub(crate) fn is_loopback(host: &str) -> bool {
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_localhost_or_an_address_of_this_machine() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.3.2.1", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "shop.example", "localhost.example", "10.0.0.1", "[::2]", "[127.0.0.1"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
