//! The grammar of a host.

/// Longest host that is used, in bytes.
const MAX_LENGTH: usize = 255;

/// Whether a text is a name, an IPv4 address, or an IPv6 address in brackets, each with or without a port ([RFC 3986,
/// section 3.2.2](https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2)). Of the characters of names, those that have a
/// meaning elsewhere in a URL or in a text are left out, except the percent sign.
pub(crate) fn is_host(text: &str) -> bool {
    let (host, port) = match text.find(']') {
        Some(end) if text.starts_with('[') => text.split_at(end + 1),
        _ => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let is_address = |host: &str| {
        let inside = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        inside.is_some_and(|inside| inside.parse::<std::net::Ipv6Addr>().is_ok())
    };
    let is_name = |host: &str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_~%".contains(&byte));
    let is_port = |port: &str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let has_port_or_none = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    !host.is_empty() && text.len() <= MAX_LENGTH && has_port_or_none && (is_name(host) || is_address(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses_with_or_without_a_port() {
        for text in ["shop.example", "SHOP:8080", "shop_1", "127.0.0.1:80", "[::1]", "[2001:db8::7]:443", "shop:"] {
            assert!(is_host(text), "{text}");
        }
        let long = "a".repeat(MAX_LENGTH + 1);
        for text in [
            "",
            ":80",
            "shop.example/x?sig=SECRET",
            "shop example",
            "user@shop",
            "shop:80:81",
            "shop:abc",
            "[::1",
            "[shop]",
            "shop,other",
            "shop#x",
            "é",
            "shop\\x",
            &long,
        ] {
            assert!(!is_host(text), "{text}");
        }
    }
}
