//! Other machines need a token for pages and API, and none to send telemetry.

use std::net::SocketAddr;

use opencensus_portal::{Filter, Portal, PortalError, PortalOptions};
use test_support::client::raw;

use crate::support::envelope;

fn start() -> Portal {
    let options = PortalOptions::default().with_remote_access().with_allowed_host("portal.example");
    options.with_listen("0.0.0.0:0".parse().unwrap()).start().unwrap()
}

/// The address by which the portal is reached, and the token. A client that uses the address of the network has it itself.
fn remote(portal: &Portal) -> (SocketAddr, String) {
    let url = portal.remote_url().unwrap();
    let (address, token) = url.strip_prefix("http://").unwrap().split_once("/?access=").unwrap();
    (address.parse().unwrap(), token.to_owned())
}

/// Sends a request as another machine does: from the network, or through a proxy if there is no network.
async fn send(portal: &Portal, method: &str, target: &str, headers: &str, body: &str) -> String {
    let (address, _) = remote(portal);
    let proxy = if address.ip().is_loopback() { "x-forwarded-for: 192.0.2.1\r\n" } else { "" };
    let host = if headers.contains("host:") { String::new() } else { format!("host: {address}\r\n") };
    let request = format!(
        "{method} {target} HTTP/1.1\r\n{host}connection: close\r\n{proxy}{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    raw(address, &request).await
}

const PATHS: [&str; 9] = [
    "/",
    "/search",
    "/faults",
    "/settings",
    "/live",
    "/assets/style.css",
    "/api/v1/items",
    "/api/v1/export",
    "/api/v1/stream?timeout=0",
];

#[test]
fn address_beyond_loopback_needs_the_option() {
    let listen = |options: PortalOptions| options.with_listen("0.0.0.0:0".parse().unwrap()).start();
    assert!(matches!(listen(PortalOptions::default()), Err(PortalError::NotLoopback(_))));
    let portal = listen(PortalOptions::default().with_remote_access()).unwrap();
    assert!(portal.url().starts_with("http://127.0.0.1:"), "{}", portal.url());
    assert_eq!(Portal::start().unwrap().remote_url(), None);
}

#[tokio::test]
async fn other_machines_without_the_token_get_no_page_and_no_part_of_the_api() {
    let portal = start();
    let (_, token) = remote(&portal);
    let others = [
        String::new(),
        "cookie: portal_access=1\r\n".to_owned(),
        format!("x-portal-token: {}\r\n", portal.token()),
        format!("authorization: Bearer {token}\r\n"),
    ];
    for path in PATHS {
        for headers in &others {
            let response = send(&portal, "GET", path, headers, "").await;
            assert!(response.starts_with("HTTP/1.1 403"), "{path} {headers}: {response}");
            assert!(!response.contains(&token) && !response.contains(portal.token()), "{response}");
        }
        let separator = if path.contains('?') { '&' } else { '?' };
        let wrong = format!("{path}{separator}access={}", portal.token());
        assert!(send(&portal, "GET", &wrong, "", "").await.starts_with("HTTP/1.1 403"), "{path}");
    }
    for path in ["/api/v1/clear", "/faults"] {
        let headers = format!("x-portal-token: {}\r\n", portal.token());
        assert!(send(&portal, "POST", path, &headers, "").await.starts_with("HTTP/1.1 403"), "{path}");
    }
}

#[tokio::test]
async fn token_in_the_address_becomes_a_cookie_that_opens_everything() {
    let portal = start();
    let (_, token) = remote(&portal);
    let first = send(&portal, "GET", &format!("/search?q=a&access={token}"), "", "").await;
    assert!(first.starts_with("HTTP/1.1 303") && first.contains("\r\nlocation: /search?q=a\r\n"), "{first}");
    assert!(first.contains("\r\nreferrer-policy: no-referrer\r\n"), "{first}");
    let cookie = first.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    let headers = format!("cookie: {}\r\n", cookie.split(';').next().unwrap());
    for path in PATHS.into_iter().filter(|path| *path != "/live") {
        let response = send(&portal, "GET", path, &headers, "").await;
        assert!(response.starts_with("HTTP/1.1 200"), "{path}: {response}");
        assert!(!response.contains(&token), "{path}");
    }
    let items = send(&portal, "GET", &format!("/api/v1/items?access={token}&limit=1"), "", "").await;
    assert!(items.starts_with("HTTP/1.1 200"), "{items}");
    // Changes need the other token too.
    assert!(send(&portal, "POST", "/api/v1/clear", &headers, "").await.starts_with("HTTP/1.1 403"));
    let both = format!("{headers}x-portal-token: {}\r\n", portal.token());
    assert!(send(&portal, "POST", "/api/v1/clear", &both, "").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn telemetry_of_other_machines_needs_no_token() {
    let portal = start();
    let body = envelope("from elsewhere").to_string();
    for path in ["/v2.1/track", "/v2/track"] {
        assert!(send(&portal, "POST", path, "", &body).await.starts_with("HTTP/1.1 200"), "{path}");
    }
    let logs = send(&portal, "POST", "/v1/logs", "content-type: application/json\r\n", "{}").await;
    assert!(logs.starts_with("HTTP/1.1 200"), "{logs}");
    assert_eq!(portal.count(Filter::default()).await.unwrap().0, 2);
}

#[tokio::test]
async fn hosts_that_are_not_allowed_are_refused() {
    let portal = start();
    let (_, token) = remote(&portal);
    for (host, status) in [
        ("portal.example", "303"),
        ("PORTAL.example:8787", "303"),
        ("192.0.2.1:8787", "303"),
        ("evil.example", "403"),
        ("portal.example.evil.example", "403"),
    ] {
        let target = format!("/?access={token}");
        let response = send(&portal, "GET", &target, &format!("host: {host}\r\n"), "").await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {response}");
    }
}

#[tokio::test]
async fn this_machine_needs_no_token_unless_a_proxy_forwards() {
    let portal = start();
    let address = SocketAddr::from(([127, 0, 0, 1], portal.address().port()));
    for (headers, status) in [("", "200"), ("x-forwarded-for: 192.0.2.1\r\n", "403"), ("forwarded: for=x\r\n", "403")] {
        let request = format!("GET /search HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n");
        let response = raw(address, &request).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{headers}: {response}");
    }
}
