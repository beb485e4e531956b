//! Parses the headers in which proxies report the client.

use std::net::IpAddr;

use crate::request::host::is_host;

/// One proxy's report about the peer that sent it the request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Hop {
    /// `None`: it is not an address.
    pub(super) client: Option<IpAddr>,
    pub(super) scheme: Option<String>,
    pub(super) host: Option<String>,
}

/// Longest scheme that is used, in bytes.
const MAX_SCHEME: usize = 16;
/// Most parameters of an element. RFC 7239 defines four.
const MAX_PARAMETERS: usize = 16;

/// Parses the entries of `X-Forwarded-For` in their order.
pub(super) fn x_forwarded_for<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Vec<Hop> {
    let entries = lines.flat_map(|line| line.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    entries.filter(|entry| !entry.is_empty()).map(|entry| Hop { client: address(entry), ..Hop::default() }).collect()
}

/// The value at this distance from the list's end, or the last one.
pub(super) fn list_value<'a>(lines: impl Iterator<Item = &'a [u8]>, from_end: usize) -> Option<String> {
    let entries = lines.flat_map(|line| line.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let entries: Vec<_> = entries.filter(|entry| !entry.is_empty()).collect();
    let value = entries.iter().rev().nth(from_end).or_else(|| entries.last())?;
    std::str::from_utf8(value).ok().map(str::to_owned)
}

/// Parses the elements of `Forwarded` in their order ([RFC 7239][rfc]). An element that breaks the grammar, or has a
/// parameter twice, reports nothing. `None`: a quoted string does not end, so that the elements cannot be separated.
///
/// [rfc]: https://www.rfc-editor.org/rfc/rfc7239#section-4
pub(super) fn forwarded<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<Vec<Hop>> {
    let mut hops = Vec::new();
    for line in lines {
        for element in split_unquoted(line, b',')? {
            let element = element.trim_ascii();
            if !element.is_empty() {
                hops.push(hop(element).unwrap_or_default());
            }
        }
    }
    Some(hops)
}

fn hop(element: &[u8]) -> Option<Hop> {
    let (mut hop, mut names) = (Hop::default(), Vec::new());
    for pair in split_unquoted(element, b';')?.into_iter().filter(|pair| !pair.is_empty()) {
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (&pair[..equals], value(&pair[equals + 1..])?);
        let is_repeated = names.iter().any(|known: &&[u8]| name.eq_ignore_ascii_case(known));
        if name.is_empty() || !name.iter().all(is_token) || is_repeated || names.len() == MAX_PARAMETERS {
            return None;
        }
        names.push(name);
        if name.eq_ignore_ascii_case(b"for") {
            hop.client = node_address(&value);
        } else if name.eq_ignore_ascii_case(b"proto") {
            hop.scheme = String::from_utf8(value).ok().filter(|scheme| is_scheme(scheme));
        } else if name.eq_ignore_ascii_case(b"host") {
            hop.host = String::from_utf8(value).ok().filter(|host| is_host(host));
        }
    }
    Some(hop)
}

/// Splits outside quoted strings. `None`: a quoted string does not end.
fn split_unquoted(text: &[u8], separator: u8) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ if byte == separator && !is_quoted => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!is_quoted).then_some(parts)
}

/// A token, or a quoted string without its quotes.
fn value(text: &[u8]) -> Option<Vec<u8>> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        return (!text.is_empty() && text.iter().all(is_token)).then(|| text.to_vec());
    };
    let inner = quoted.strip_suffix(b"\"")?;
    let (mut value, mut is_escaped) = (Vec::with_capacity(inner.len()), false);
    for &byte in inner {
        match byte {
            b'\\' if !is_escaped => is_escaped = true,
            b'"' if !is_escaped => return None,
            0..=8 | 10..=31 | 127 => return None,
            _ => {
                is_escaped = false;
                value.push(byte);
            }
        }
    }
    (!is_escaped).then_some(value)
}

fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}

/// `192.0.2.43`, `192.0.2.43:47011`, `[2001:db8::7]`, `[2001:db8::7]:_port`
fn node_address(value: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(value).ok()?;
    // In this header IPv6 addresses must be in brackets.
    let is_bare_ipv6 = !text.starts_with('[') && text.matches(':').count() > 1;
    if is_bare_ipv6 { None } else { address(value) }
}

/// Parses an address with or without port, IPv6 with or without brackets.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?;
    let address = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            let address: IpAddr = address.parse().ok()?;
            is_port(port).then_some(address)?
        }
        None if text.matches(':').count() == 1 => {
            let (address, _) = text.split_once(':').filter(|(address, _)| is_port(&text[address.len()..]))?;
            IpAddr::V4(address.parse().ok()?)
        }
        None => text.parse().ok()?,
    };
    Some(address.to_canonical())
}

/// Whether the text is empty, or a colon and a port, which may be obfuscated (`_port`).
fn is_port(text: &str) -> bool {
    let Some(port) = text.strip_prefix(':') else { return text.is_empty() };
    let is_number = port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_obfuscated =
        port.starts_with('_') && port.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    !port.is_empty() && (is_number || is_obfuscated)
}

pub(super) fn is_scheme(text: &str) -> bool {
    let all_fit = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && all_fit && text.len() <= MAX_SCHEME
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Option<Vec<Hop>> {
        forwarded([line.as_bytes()].into_iter())
    }

    #[test]
    fn elements_hold_client_scheme_and_host() {
        let hops = one(r#"for="[2001:db8::7]:4711";Proto=https;host="shop.example:8443", For=10.0.0.2"#).unwrap();
        assert_eq!(hops[0].client, "2001:db8::7".parse().ok());
        assert_eq!((hops[0].scheme.as_deref(), hops[0].host.as_deref()), (Some("https"), Some("shop.example:8443")));
        assert_eq!(hops[1].client, "10.0.0.2".parse().ok());
    }

    #[test]
    fn malformed_element_reports_nothing() {
        let many = (0..=MAX_PARAMETERS).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join(";");
        for element in ["for", "for =a", "=a", "for=a\"\"", "for=a b", "for=[::1]", &many] {
            assert_eq!(one(element), Some(vec![Hop::default()]), "{element}");
        }
        for line in ["for=\"a", "for=a\"", "for=\"a\\"] {
            assert_eq!(one(line), None, "{line}");
        }
    }

    #[test]
    fn element_with_a_parameter_twice_reports_nothing_and_others_stay() {
        for twice in ["for=10.0.0.2;for=10.0.0.3", "For=10.0.0.2;proto=http;FOR=10.0.0.2", "for=10.0.0.2;by=a;by=a"] {
            let hops = one(&format!("{twice}, for=203.0.113.7")).unwrap();
            assert_eq!((&hops[0], hops[1].client), (&Hop::default(), "203.0.113.7".parse().ok()), "{twice}");
        }
    }

    #[test]
    fn invalid_schemes_are_ignored() {
        for text in ["java script", "1a", "", "https://x", "aaaaaaaaaaaaaaaaa"] {
            assert!(!is_scheme(text), "{text}");
        }
    }
}
