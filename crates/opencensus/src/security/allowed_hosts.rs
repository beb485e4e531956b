//! Checks the host of a request.

use opencensus_settings::quote;

use crate::handler::SuspiciousOperation;

/// The hosts that a client may request: Django's `ALLOWED_HOSTS`, by Django's rules.
///
/// - `example.com` matches that host, in any letter case, with any port.
/// - `.example.com` matches that host and all its subdomains.
/// - `*` matches every well-formed host.
/// - Other entries match no host. Without entries no host is allowed, except in debug mode `localhost`, its
///   subdomains, `127.0.0.1` and `[::1]`.
///
/// A well-formed host consists of letters, digits, dots and hyphens, or is an IPv6 address in brackets; it may have a
/// port. A dot at its end is ignored.
///
/// # Examples
///
/// ```
/// use opencensus::security::AllowedHosts;
///
/// let hosts = AllowedHosts::new([".example.com"]);
/// assert!(hosts.check(b"www.example.com:8080").is_ok());
/// let error = hosts.check(b"evil.com").unwrap_err();
/// assert_eq!(error.kind(), "DisallowedHost");
/// assert_eq!(error.to_string(), "Invalid HTTP_HOST header: 'evil.com'. You may need to add 'evil.com' to ALLOWED_HOSTS.");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AllowedHosts {
    patterns: Vec<String>,
    debug: bool,
    checks_nothing: bool,
}

const IN_DEBUG: [&str; 3] = [".localhost", "127.0.0.1", "[::1]"];

impl AllowedHosts {
    /// Allows these hosts.
    #[must_use]
    pub fn new<S: Into<String>>(patterns: impl IntoIterator<Item = S>) -> Self {
        let patterns = patterns.into_iter().map(|pattern| pattern.into().to_lowercase()).collect();
        Self { patterns, ..Self::default() }
    }

    /// Sets debug mode, in which an empty list allows the local machine. Default: `false`.
    #[must_use]
    pub fn with_debug(mut self, debug: bool) -> Self {
        self.debug = debug;
        self
    }

    /// Allows every host, well-formed or not.
    pub(crate) fn everything() -> Self {
        Self { checks_nothing: true, ..Self::default() }
    }

    /// Whether a host can match the pattern.
    pub(crate) fn may_match(pattern: &str) -> bool {
        let name = pattern.strip_prefix('.').unwrap_or(pattern).to_lowercase();
        // Hosts are compared without their port and a dot at the end.
        pattern == "*" || domain(name.as_bytes()).is_some_and(|domain| domain == name)
    }

    /// Checks the host of a request, as its header states it.
    ///
    /// # Errors
    ///
    /// Fails if the host is not well-formed or not allowed.
    pub fn check(&self, host: &[u8]) -> Result<(), SuspiciousOperation> {
        let domain = domain(host);
        if self.checks_nothing || domain.as_deref().is_some_and(|domain| self.allows(domain)) {
            return Ok(());
        }
        // Bytes that are not UTF-8 are Latin-1, the former encoding of headers.
        let latin1 = || host.iter().map(|byte| char::from(*byte)).collect();
        let text = std::str::from_utf8(host).map_or_else(|_| latin1(), str::to_owned);
        let advice = match domain.filter(|domain| !domain.is_empty()) {
            Some(domain) => format!("You may need to add {} to ALLOWED_HOSTS.", quote::quoted(&domain)),
            None => "The domain name provided is not valid according to RFC 1034/1035.".to_owned(),
        };
        let message = format!("Invalid HTTP_HOST header: {}. {advice}", quote::quoted(&text));
        Err(SuspiciousOperation::new("DisallowedHost", message))
    }

    /// Refuses a request whose target and whose header name two hosts, unless every host is allowed unseen.
    pub(crate) fn check_contradiction(&self, authority: &[u8], host: &[u8]) -> Result<(), SuspiciousOperation> {
        if self.checks_nothing {
            return Ok(());
        }
        let [authority, host] = [authority, host].map(|host| quote::quoted(&String::from_utf8_lossy(host)));
        let message =
            format!("Invalid HTTP_HOST header: {host}. The request's target names another host, {authority}.");
        Err(SuspiciousOperation::new("DisallowedHost", message))
    }

    fn allows(&self, domain: &str) -> bool {
        let is_local = self.debug && self.patterns.is_empty();
        let local = IN_DEBUG.into_iter().filter(|_| is_local);
        let mut patterns = self.patterns.iter().map(String::as_str).chain(local);
        !domain.is_empty() && patterns.any(|pattern| matches(pattern, domain))
    }
}

fn matches(pattern: &str, domain: &str) -> bool {
    let is_below = pattern.starts_with('.') && (domain.ends_with(pattern) || domain == &pattern[1..]);
    pattern == "*" || is_below || (!pattern.is_empty() && pattern == domain)
}

/// The host without its port and without a dot at its end, in lower case. `None`: it is not well-formed.
fn domain(host: &[u8]) -> Option<String> {
    let host = std::str::from_utf8(host).ok().filter(|host| host.is_ascii())?.to_ascii_lowercase();
    let end = if host.starts_with('[') { host.find(']')? + 1 } else { host.find(':').unwrap_or(host.len()) };
    let (domain, port) = host.split_at(end);
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_well_formed = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    let is_domain = if domain.starts_with('[') { is_ipv6(domain) } else { is_name(domain) };
    (is_well_formed && is_domain).then(|| domain.strip_suffix('.').unwrap_or(domain).to_owned())
}

fn is_name(domain: &str) -> bool {
    !domain.is_empty() && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}

/// `[`, hexadecimal digits, a colon, and more of them with dots for IPv4's part, `]`.
fn is_ipv6(domain: &str) -> bool {
    let inside = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
    let Some((first, rest)) = inside.split_once(':') else { return false };
    let is_digit = |byte: u8| byte.is_ascii_hexdigit();
    !rest.is_empty() && first.bytes().all(is_digit) && rest.bytes().all(|byte| is_digit(byte) || b".:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_can_match_are_distinguished_from_others() {
        for pattern in ["shop.example", "SHOP.example", ".shop.example", "*", "[::1]", "127.0.0.1"] {
            assert!(AllowedHosts::may_match(pattern), "{pattern}");
        }
        for pattern in ["", ".", "*.shop.example", "shop.example:80", "shop.example.", "10.0.0.0/8", "::1", "a b", "é"]
        {
            assert!(!AllowedHosts::may_match(pattern), "{pattern}");
        }
    }
}
