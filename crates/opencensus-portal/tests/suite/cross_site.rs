//! Pages of other sites cannot send anything, except telemetry of the SDK for browsers.

use opencensus_portal::{Filter, Portal, PortalOptions};
use test_support::client::raw;

use crate::support::{envelope, page, post};

async fn preflight(portal: &Portal, path: &str, origin: &str) -> String {
    let request = format!(
        "OPTIONS {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\norigin: {origin}\r\n\
         access-control-request-method: POST\r\naccess-control-request-headers: content-type,x-other,x-ms-client-request-id\r\n\
         access-control-request-private-network: true\r\n\
         sec-fetch-site: cross-site\r\nsec-fetch-mode: cors\r\n\r\n",
        portal.address()
    );
    raw(portal.address(), &request).await.to_ascii_lowercase()
}

#[tokio::test]
async fn pages_of_other_sites_send_nothing() {
    let portal = Portal::start().unwrap();
    let body = envelope("a").to_string();
    for (path, headers) in [
        ("/v2/track", page("https://evil.example", "cross-site")),
        ("/v2/track", page("null", "cross-site")),
        ("/v2/track", "sec-fetch-site: cross-site\r\n".to_owned()),
        ("/v2/track", "origin: https://evil.example\r\ncontent-type: text/plain\r\n".to_owned()),
        ("/v2.1/track", page("https://evil.example", "cross-site")),
        ("//app/v2.1/track", page("https://evil.example", "cross-site")),
        ("/v1/traces", page("https://evil.example", "cross-site")),
        ("/api/v1/items", page("http://localhost:3000", "same-site")),
        ("/api/v1/items/v2/track", page("http://localhost:3000", "same-site")),
        ("/", page("http://localhost:3000", "same-site")),
    ] {
        assert_eq!(post(&portal, path, &headers, body.as_bytes()).await.0, 403, "{path} {headers}");
    }
    assert_eq!(portal.count(Filter::default()).await.unwrap().0, 0);
    for (path, origin) in [
        ("/v2/track", "https://evil.example"),
        ("/v2/track", "null"),
        ("/v1/logs", "null"),
        ("/api/v1/items", "http://localhost:3000"),
        ("/", "http://localhost:3000"),
        ("/assets/live.js", "http://localhost:3000"),
    ] {
        let refused = preflight(&portal, path, origin).await;
        assert!(refused.starts_with("http/1.1 403") && !refused.contains("access-control"), "{path}: {refused}");
    }
}

#[tokio::test]
async fn pages_of_this_machine_and_of_allowed_origins_send_telemetry() {
    let portal = PortalOptions::default().with_allowed_origin("https://shop.example").start().unwrap();
    let origins = ["http://localhost:3000", "http://127.0.0.1:5173", "https://shop.example"];
    for origin in origins {
        for (path, method) in [
            ("/v2/track", "post"),
            ("/app//v2.1/track", "post"),
            ("/v1/traces", "post"),
            ("/v1/logs", "post"),
            ("/v1/metrics", "post"),
            ("/api/profiles/some-key/appId", "get"),
        ] {
            let allowed = preflight(&portal, path, origin).await;
            assert!(allowed.starts_with("http/1.1 204"), "{allowed}");
            for header in [
                &format!("access-control-allow-origin: {origin}"),
                &format!("access-control-allow-methods: {method}\r\n"),
                "access-control-allow-headers: content-type, x-ms-client-request-id\r\n",
                "access-control-allow-credentials: true",
                "access-control-allow-private-network: true",
                "vary: origin",
            ] {
                assert!(allowed.contains(header), "{header}: {allowed}");
            }
        }
        for path in ["/v2/track", "//v2/track", "/v2.1/track"] {
            let (status, _) =
                post(&portal, path, &page(origin, "cross-site"), envelope("a").to_string().as_bytes()).await;
            assert_eq!(status, 200, "{origin} {path}");
        }
    }
    assert_eq!(portal.count(Filter::requests()).await.unwrap().0, 9);
}

#[tokio::test]
async fn pages_read_the_ingestion_response_and_its_headers() {
    let portal = Portal::start().unwrap();
    let body = envelope("a").to_string();
    for (path, request, status) in [
        ("/v2/track", format!("POST /v2/track HTTP/1.1\r\ncontent-length: {}\r\n", body.len()), 200),
        ("/v2/track", "POST /v2/track HTTP/1.1\r\ncontent-length: 0\r\n".to_owned(), 400),
        ("/api/profiles/any/appId", "GET /api/profiles/any/appId HTTP/1.1\r\n".to_owned(), 200),
    ] {
        let headers = page("http://localhost:3000", "same-site");
        let host = portal.address();
        let body = if request.contains("content-length: 0") { "" } else { &body };
        let body = if path == "/v2/track" { body } else { "" };
        let response =
            raw(portal.address(), &format!("{request}host: {host}\r\nconnection: close\r\n{headers}\r\n{body}")).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{response}");
        for header in [
            "access-control-allow-origin: http://localhost:3000\r\n",
            "access-control-expose-headers: Request-Context, Request-Id, Retry-After\r\n",
            "access-control-allow-credentials: true\r\n",
        ] {
            assert!(response.contains(header), "{path} {header}: {response}");
        }
    }
}

#[tokio::test]
async fn links_from_other_sites_open_pages_and_images_do_not() {
    let portal = Portal::start().unwrap();
    for (mode, status) in [("navigate", "200"), ("no-cors", "403")] {
        let request = format!(
            "GET /search HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: {mode}\r\n\r\n",
            portal.address()
        );
        let response = raw(portal.address(), &request).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{response}");
    }
}
