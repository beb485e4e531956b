//! Decides which requests of other machines a portal allows: those with a token, which the address has once.

use std::net::IpAddr;

use axum::http::header::{COOKIE, HeaderValue};
use axum::http::{HeaderMap, Uri};

use crate::forbidden::API;
use crate::token::Token;

/// The parameter of the address.
pub(crate) const PARAMETER: &str = "access";

/// How other machines access a portal.
#[derive(Debug)]
pub(crate) struct Access {
    token: Token,
    /// Names in the header `Host`, besides addresses.
    hosts: Vec<String>,
    cookie: String,
}

/// What happens to a request.
#[derive(Debug, PartialEq)]
pub(crate) enum Decision {
    Allow,
    /// The address is left without the token, and a cookie keeps it.
    Redirect(String),
    /// The handler does not see the parameter.
    AllowAt(String),
    Refuse,
}

impl Access {
    /// The access to the portal at this port. Browsers send cookies to all ports of a host.
    pub(crate) fn new(hosts: Vec<String>, port: u16) -> Self {
        Self { token: Token::random(), hosts, cookie: format!("portal_access_{port}") }
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_str()
    }

    /// Whether a request may name this host. An address involves no DNS, so that no other site can use it.
    pub(crate) fn is_host(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let address = name.trim_start_matches('[').trim_end_matches(']');
        address.parse::<IpAddr>().is_ok() || self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
    }

    /// Decides on a request. This machine needs no token.
    pub(crate) fn decide(&self, is_local: bool, uri: &Uri, headers: &HeaderMap) -> Decision {
        let (token, rest) = split_token(uri);
        if token.is_some_and(|token| self.token.matches(token.as_bytes())) {
            return if is_api(uri.path()) { Decision::AllowAt(rest) } else { Decision::Redirect(rest) };
        }
        if is_local || self.has_cookie(headers) { Decision::Allow } else { Decision::Refuse }
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let mut pairs = cookies.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(name, value)| name == self.cookie && self.token.matches(value.as_bytes()))
    }

    /// Scripts cannot read the cookie, and other sites cannot make the browser send it.
    pub(crate) fn set_cookie(&self) -> Option<HeaderValue> {
        let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie, self.token.as_str());
        HeaderValue::from_str(&cookie).ok()
    }
}

fn is_api(path: &str) -> bool {
    path.strip_prefix(API).is_some_and(|rest| rest.starts_with('/'))
}

/// The token in the query string, and the path and query string without it.
fn split_token(uri: &Uri) -> (Option<&str>, String) {
    // With one slash: a browser takes what follows two as another host.
    let path = format!("/{}", uri.path().trim_start_matches('/'));
    let pairs = || uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let value = |pair: &'_ str| pair.split_once('=').is_some_and(|(name, _)| name == PARAMETER);
    let token = pairs().find(|pair| value(pair)).and_then(|pair| pair.split_once('=')).map(|(_, token)| token);
    let rest: Vec<_> = pairs().filter(|pair| !value(pair)).collect();
    (token, if rest.is_empty() { path } else { format!("{path}?{}", rest.join("&")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access::new(vec!["Portal.Example".into()], 8787)
    }

    #[test]
    fn token_leaves_the_address_and_the_rest_stays() {
        let access = access();
        let decide = |address: &str, is_local| access.decide(is_local, &address.parse().unwrap(), &HeaderMap::new());
        let token = access.token();
        for is_local in [true, false] {
            let address = format!("/search?q=a%26b&access={token}&run=all");
            assert_eq!(decide(&address, is_local), Decision::Redirect("/search?q=a%26b&run=all".into()));
            assert_eq!(decide(&format!("/?access={token}"), is_local), Decision::Redirect("/".into()));
            let address = format!("/api/v1/items?access={token}&limit=1");
            assert_eq!(decide(&address, is_local), Decision::AllowAt("/api/v1/items?limit=1".into()));
        }
        let address = format!("//evil.example/?access={token}");
        assert_eq!(decide(&address, false), Decision::Redirect("/evil.example/".into()));
        for address in ["/", "/?access=", "/?access=0", "/?accesss=1"] {
            assert_eq!(decide(address, true), Decision::Allow, "{address}");
            assert_eq!(decide(address, false), Decision::Refuse, "{address}");
        }
    }

    #[test]
    fn cookie_of_this_portal_alone_allows() {
        let access = access();
        let decide = |cookie: &str| {
            let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookie).unwrap())]);
            access.decide(false, &Uri::from_static("/"), &headers)
        };
        let token = access.token();
        assert_eq!(decide(&format!("a=b; portal_access_8787={token}; c=d")), Decision::Allow);
        let other = Access::new(Vec::new(), 8787);
        for cookie in [
            format!("portal_access_8788={token}"),
            format!("portal_access_8787={}", other.token()),
            "portal_access_8787=".into(),
            token.to_owned(),
        ] {
            assert_eq!(decide(&cookie), Decision::Refuse, "{cookie}");
        }
    }

    #[test]
    fn addresses_and_listed_names_are_hosts() {
        let access = access();
        for host in ["192.0.2.1:8787", "[2001:db8::1]:8787", "[2001:db8::1]", "portal.example", "portal.example:1"] {
            assert!(access.is_host(host), "{host}");
        }
        for host in ["evil.example", "192.0.2.1.evil.example", "portal.example.evil.example:80", "", ":80"] {
            assert!(!access.is_host(host), "{host}");
        }
    }
}
