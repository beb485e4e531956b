//! The HTTP responses of the pages and of the event stream.

use opencensus_portal::Portal;
use test_support::TIMEOUT;
use test_support::client::request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{control, envelope, get, post};

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
    let send = async || {
        post(&portal, "/v2.1/track", "", envelope("a").to_string().as_bytes()).await;
    };
    let received = events_until(&portal, "event: items", send).await;
    assert!(!received.contains("event: faults"), "{received}");
}

/// Reads the event stream until it has the text. `then` runs once the stream is open.
async fn events_until(portal: &Portal, text: &str, then: impl AsyncFnOnce()) -> String {
    let mut stream = TcpStream::connect(portal.address()).await.unwrap();
    let head = format!("GET /live HTTP/1.1\r\nhost: {}\r\n\r\n", portal.address());
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut received, mut buffer, mut then) = (String::new(), [0; 1024], Some(then));
    while !received.contains(text) {
        let length = tokio::time::timeout(TIMEOUT, stream.read(&mut buffer)).await.unwrap().unwrap();
        assert_ne!(length, 0, "{received}");
        received.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        if let Some(then) = then.take_if(|_| received.contains("\r\n\r\n")) {
            then().await;
        }
    }
    received
}

#[tokio::test]
async fn event_stream_distinguishes_changes_of_faults() {
    let portal = Portal::start().unwrap();
    let add = async || {
        assert_eq!(control(&portal, "POST", "/api/v1/faults", r#"{"status":503,"times":2}"#).await.0, 201);
    };
    let received = events_until(&portal, "event: faults", add).await;
    assert!(!received.contains("event: items"), "{received}");
    let send = async || {
        let (status, _) = post(&portal, "/v2.1/track", "", envelope("a").to_string().as_bytes()).await;
        assert_eq!(status, 503);
    };
    events_until(&portal, "event: faults", send).await;
}

#[tokio::test]
async fn each_address_of_a_page_shows_it_whatever_its_parameters_are() {
    let portal = Portal::start().unwrap();
    post(&portal, "/v2.1/track", "", envelope("GET /calm").to_string().as_bytes()).await;
    for path in [
        "/search?q=a&q=calm",
        "/search?run=5&q=calm&run=1",
        "/search?before=&before=x&run=all",
        "/performance?min=x&op=GET+/calm",
        "/performance?min=&max=99999999999999999999",
        "/map?node=a&node=b",
        "/?run=9&role=x&run=&role=",
    ] {
        let page = get(&portal, path).await;
        assert!(
            page.starts_with("HTTP/1.1 200") && page.contains("GET /calm") | path.starts_with("/map"),
            "{path}: {page}"
        );
    }
    for path in ["/failures?op=a&op=b&code=", "/refused?rule=1&rule=2", "/faults?run=1&run=2", "/settings?run=1&run=2"]
    {
        assert!(get(&portal, path).await.starts_with("HTTP/1.1 200"), "{path}");
    }
}

#[tokio::test]
async fn scope_names_a_run_and_a_role_that_have_no_items() {
    let portal = Portal::start().unwrap();
    let page = get(&portal, "/search?run=77&role=gone").await;
    for option in ["<option value=\"77\" selected>Run 77, not listed", "<option value=\"gone\" selected>gone"] {
        assert!(page.contains(option), "{option}: {page}");
    }
    assert!(!get(&portal, "/search?run=1").await.contains("not listed"));
}

#[tokio::test]
async fn pages_without_items_have_the_parts_that_the_script_fills() {
    let portal = Portal::start().unwrap();
    for (path, parts) in
        [("/performance", ["operations", "histogram", "samples"]), ("/failures", ["failures", "samples", "fault"])]
    {
        let page = get(&portal, path).await;
        for part in parts {
            assert!(page.contains(&format!("data-live=\"{part}\"")), "{path} {part}");
        }
    }
}

#[tokio::test]
async fn number_of_requests_leads_to_the_search_for_them() {
    let portal = Portal::start().unwrap();
    assert!(get(&portal, "/").await.contains("href=\"/search?q=kind%3Arequest\""));
}
