//! Checks the `Host` header, which protects against DNS rebinding.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::Response;

use crate::app_state::AppState;
use crate::forbidden::forbidden;

/// Refuses requests whose host is not a loopback address, `localhost`, or a host for remote access. An attacker's page can make its
/// own domain resolve to this machine and then send requests from the same origin.
pub(crate) async fn check_host(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(Authority::as_str));
    let is_allowed = |host: &str| is_loopback(host) || state.access.as_ref().is_some_and(|access| access.is_host(host));
    if host.is_some_and(is_allowed) {
        next.run(request).await
    } else {
        forbidden(
            request.uri().path(),
            "this portal accepts requests for localhost, loopback addresses and its allowed hosts only",
        )
    }
}

/// Whether a host, optionally with a port, is a loopback address or `localhost`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let Ok(uri) = host.parse::<Uri>() else { return false };
    let Some(authority) = uri.authority().filter(|authority| !authority.as_str().contains('@')) else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    // A host that is an address involves no DNS.
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_localhost_and_loopback_addresses_are_accepted() {
        for host in ["127.0.0.1", "127.0.0.1:8787", "localhost:1", "LOCALHOST", "[::1]:80", "[::1]", "127.0.0.2:80"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "u@127.0.0.1", "128.0.0.1", "::1"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
