//! The HTTP responses of the pages and of the event stream.

use opencensus_portal::Portal;
use test_support::TIMEOUT;
use test_support::client::request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{envelope, get, post};

#[tokio::test]
async fn requests_for_another_host_are_refused() {
    let portal = Portal::start().unwrap();
    for path in ["/", "/api/v1/items", "/v2.1/track", "/assets/live.js"] {
        let response = request(portal.address(), "GET", path, "").await;
        assert!(response.starts_with("HTTP/1.1 403"), "{path}: {response}");
    }
    assert!(get(&portal, "/api/v1/healthz").await.ends_with("ok"));
}

#[tokio::test]
async fn pages_show_and_filter_items_and_escape_all_values() {
    let portal = Portal::start().unwrap();
    let evil = "<script>alert(1)</script>\"'&";
    post(&portal, "/v2.1/track", "", format!("[{},{}]", envelope(evil), envelope("GET /calm")).as_bytes()).await;
    let page = get(&portal, "/search").await;
    assert!(page.contains("GET /calm") && page.contains("&lt;script&gt;alert(1)"), "{page}");
    assert!(!page.contains("<script>alert"));
    let head = page.to_ascii_lowercase();
    for header in
        ["content-security-policy: default-src 'self'", "x-content-type-options: nosniff", "x-frame-options: deny"]
    {
        assert!(head.contains(header), "{header}");
    }
    let filtered = get(&portal, "/search?q=CALM").await;
    assert!(filtered.contains("GET /calm") && !filtered.contains("alert(1)"));
    let reflected = get(&portal, "/search?q=%22%3E%3Cscript%3Ex").await;
    assert!(!reflected.contains("<script>x"));
    let item = get(&portal, "/items/1").await;
    assert!(
        item.contains("&lt;script&gt;") && !item.contains("<script>alert") && item.contains("Envelope as received")
    );
    assert!(get(&portal, "/items/99").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn event_stream_announces_new_items() {
    let portal = Portal::start().unwrap();
    let mut stream = TcpStream::connect(portal.address()).await.unwrap();
    let head = format!("GET /live HTTP/1.1\r\nhost: {}\r\n\r\n", portal.address());
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut received = String::new();
    let mut buffer = [0; 1024];
    let mut sent = false;
    while !received.contains("event: items") {
        let length = tokio::time::timeout(TIMEOUT, stream.read(&mut buffer)).await.unwrap().unwrap();
        assert_ne!(length, 0, "{received}");
        received.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        if received.contains("\r\n\r\n") && !sent {
            sent = true;
            post(&portal, "/v2.1/track", "", envelope("a").to_string().as_bytes()).await;
        }
    }
}
