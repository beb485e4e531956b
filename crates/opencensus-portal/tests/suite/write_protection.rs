//! Requests that change something need the portal's token and the same origin.

use opencensus_portal::{Filter, Portal};
use test_support::client::raw;

use crate::support::{control, envelope, get, post};

const CHANGES: [(&str, &str); 6] = [
    ("POST", "/api/v1/clear"),
    ("POST", "/api/v1/faults"),
    ("DELETE", "/api/v1/faults"),
    ("POST", "/faults"),
    ("POST", "/faults/end"),
    // A method that is added to a path later is protected too.
    ("PUT", "/api/v1/items"),
];

/// Sends a request with these headers and this body, and returns the status and the response.
async fn send(portal: &Portal, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        portal.address(),
        body.len()
    );
    let response = raw(portal.address(), &request).await;
    (response.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0), response)
}

fn header(token: &str) -> String {
    format!("x-portal-token: {token}\r\ncontent-type: application/json\r\n")
}

#[tokio::test]
async fn changes_without_the_token_are_refused() {
    let portal = Portal::start().unwrap();
    post(&portal, "/v2.1/track", "", envelope("kept").to_string().as_bytes()).await;
    let other = Portal::start().unwrap();
    let wrong = [String::new(), header(""), header(other.token()), header(&portal.token()[1..])];
    for (method, path) in CHANGES {
        for headers in &wrong {
            let (status, response) = send(&portal, method, path, headers, r#"{"status":503}"#).await;
            assert_eq!(status, 403, "{method} {path} {headers}");
            assert!(!response.contains(portal.token()), "{response}");
            assert_eq!(response.contains(r#"{"error":"#), path.starts_with("/api/v1"), "{response}");
        }
    }
    assert_eq!(portal.count(Filter::default()).await.unwrap().0, 1);
    assert!(portal.faults().active.is_empty());
}

#[tokio::test]
async fn token_in_the_header_or_in_a_form_allows_a_change() {
    let portal = Portal::start().unwrap();
    assert_eq!(control(&portal, "POST", "/api/v1/faults", r#"{"status":503}"#).await.0, 201);
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let fields = format!("effect=status&status=429&times=2&retry_after=&token={}", portal.token());
    assert_eq!(send(&portal, "POST", "/faults", form, &fields).await.0, 303);
    let active: Vec<_> = portal.faults().active.iter().map(|active| active.fault.to_string()).collect();
    assert_eq!(active, ["503", "429"]);
    let files = "content-type: multipart/form-data; boundary=b\r\n";
    let part =
        |name: &str, value: &str| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let (token, file) = (part("token", portal.token()), part("file", "x"));
    assert_eq!(send(&portal, "POST", "/faults/end", files, &format!("{file}{token}--b--")).await.0, 403);
    assert_eq!(send(&portal, "POST", "/faults/end", files, &format!("{token}{file}--b--")).await.0, 303);
    assert!(portal.faults().active.is_empty());
}

#[tokio::test]
async fn page_of_another_site_changes_nothing_even_with_the_token() {
    let portal = Portal::start().unwrap();
    for origin in ["https://evil.example", "http://localhost:3000", "null"] {
        let headers = format!("{}origin: {origin}\r\nsec-fetch-site: cross-site\r\n", header(portal.token()));
        for (method, path) in CHANGES {
            let (status, _) = send(&portal, method, path, &headers, r#"{"status":503}"#).await;
            assert_eq!(status, 403, "{method} {path} {origin}");
        }
    }
    assert!(portal.faults().active.is_empty());
}

#[tokio::test]
async fn forms_of_pages_contain_the_token_and_the_api_does_not_disclose_it() {
    let portal = Portal::start().unwrap();
    assert!(get(&portal, "/faults").await.contains(portal.token()));
    for path in ["/api/v1/faults", "/api/v1/runs", "/api/v1/healthz", "/search"] {
        assert!(!get(&portal, path).await.contains(portal.token()), "{path}");
    }
    assert!(!format!("{portal:?}").contains(portal.token()));
}

#[tokio::test]
async fn clear_deletes_items_of_a_run_or_before_a_time() {
    let portal = Portal::start().unwrap();
    post(&portal, "/v2.1/track", "", envelope("a").to_string().as_bytes()).await;
    let clear = async |query: &str| control(&portal, "POST", &format!("/api/v1/clear{query}"), "").await.1;
    assert_eq!(clear("?before=1").await["deleted"], 0);
    assert_eq!(clear("?run=7").await["deleted"], 0);
    assert_eq!(clear("?run=x").await["parameter"], "run");
    assert_eq!(clear("?run=1").await["deleted"], 1);
    post(&portal, "/v2.1/track", "", envelope("b").to_string().as_bytes()).await;
    portal.clear().await.unwrap();
    assert_eq!(portal.count(Filter::default()).await.unwrap().0, 0);
}
