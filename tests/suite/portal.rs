//! The portal as its clients see it.

use std::io::Write as _;
use std::time::Duration;

use opencensus_portal::{Filter, Portal};
use serde_json::{Value, json};

use test_support::TIMEOUT;
use test_support::client::{raw, request};

fn envelope(name: &str) -> Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let (day, hour) = (now / 86_400, now / 3600 % 24);
    // Close enough to now for the window of two days: the hour of today, by a calendar of our own.
    let time = civil(day as i64, hour);
    json!({
        "name": "Microsoft.ApplicationInsights.Request", "time": time, "iKey": "any", "tags": {},
        "data": {"baseType": "RequestData", "baseData": {
            "ver": 2, "id": "s", "name": name, "duration": "00:00:00.001", "responseCode": "200", "success": true
        }}
    })
}

/// A day since 1970 as a date, counted year by year.
fn civil(mut day: i64, hour: u64) -> String {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while day >= 365 + i64::from(leap(year)) {
        day -= 365 + i64::from(leap(year));
        year += 1;
    }
    let february = 28 + i64::from(leap(year));
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}T{hour:02}:00:00Z", day + 1)
}

/// Status and body of a POST.
async fn post(portal: &Portal, path: &str, headers: &str, body: &[u8]) -> (u16, Value) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(portal.address()).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        portal.address(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let _ = stream.write_all(body).await;
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    let status = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, serde_json::from_str(body).unwrap_or_else(|_| body.into()))
}

async fn get_json(portal: &Portal, path: &str) -> Value {
    let answer = request_local(portal, path).await;
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

async fn request_local(portal: &Portal, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", portal.address());
    raw(portal.address(), &request).await
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn every_form_of_a_post_is_understood() {
    let portal = Portal::start().unwrap();
    let (a, b) = (envelope("a").to_string(), envelope("b").to_string());
    let lines = format!("{a}\n{b}\n");
    let array = format!("[{a},{b}]");
    for (path, headers, body, items) in [
        ("/v2/track", "", array.clone().into_bytes(), 2),
        ("/v2.1/track", "content-encoding: gzip\r\n", gzip(array.as_bytes()), 2),
        ("/v2/track", "", gzip(lines.as_bytes()), 2),
        ("/v2.1/track", "content-type: application/x-json-stream\r\n", lines.into_bytes(), 2),
        ("/v2.1/track", "", a.into_bytes(), 1),
    ] {
        let (status, answer) = post(&portal, path, headers, &body).await;
        assert_eq!((status, &answer), (200, &json!({"itemsReceived": items, "itemsAccepted": items, "errors": []})));
    }
    assert_eq!(portal.count(Filter::requests()).await.unwrap(), (9, 9.0));
}

#[tokio::test]
async fn items_are_judged_one_by_one() {
    let portal = Portal::start().unwrap();
    let lines = format!("{}\nnot json\n{}\n", envelope("a"), envelope("b"));
    let (status, answer) = post(&portal, "/v2.1/track", "", lines.as_bytes()).await;
    assert_eq!((status, &answer["itemsAccepted"], &answer["errors"][0]["index"]), (206, &json!(2), &json!(1)));
    assert_eq!(answer["errors"][0]["statusCode"], 400);
    let (status, answer) = post(&portal, "/v2.1/track", "", b"[{},[]]").await;
    assert_eq!(
        (status, answer["itemsAccepted"].as_u64(), answer["errors"].as_array().map(Vec::len)),
        (400, Some(0), Some(2))
    );
}

#[tokio::test]
async fn bodies_beyond_the_limits_are_refused() {
    let portal = Portal::start().unwrap();
    let (status, _) = post(&portal, "/v2.1/track", "", &vec![b' '; 8 * 1024 * 1024 + 1]).await;
    assert_eq!(status, 413);
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024 + 1]);
    let (status, _) = post(&portal, "/v2.1/track", "content-encoding: gzip\r\n", &bomb).await;
    assert_eq!(status, 413);
    let deep = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    let (status, _) = post(&portal, "/v2.1/track", "", deep.as_bytes()).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn only_names_of_this_machine_are_answered() {
    let portal = Portal::start().unwrap();
    for path in ["/", "/api/v1/items", "/v2.1/track", "/assets/live.js"] {
        let answer = request(portal.address(), "GET", path, "").await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
    }
    assert!(request_local(&portal, "/api/v1/healthz").await.ends_with("ok"));
}

#[tokio::test]
async fn api_filters_counts_and_waits() {
    let portal = Portal::start().unwrap();
    let waiting = get_json(&portal, "/api/v1/wait?kind=request&name=b&timeout=30");
    let sending = async {
        let (status, _) =
            post(&portal, "/v2.1/track", "", format!("[{},{}]", envelope("a"), envelope("b")).as_bytes()).await;
        assert_eq!(status, 200);
    };
    let (waited, ()) = tokio::join!(waiting, sending);
    assert_eq!((&waited["complete"], &waited["items"][0]["name"]), (&json!(true), &json!("b")));
    let items = get_json(&portal, "/api/v1/items?limit=1").await;
    assert_eq!(items["items"][0]["envelope"], envelope("b"));
    let id = items["items"][0]["id"].as_i64().unwrap();
    assert_eq!(get_json(&portal, &format!("/api/v1/items/{id}")).await["code"], "200");
    assert_eq!(get_json(&portal, "/api/v1/count?code=200").await, json!({"count": 2, "weighted": 2.0}));
    let none = get_json(&portal, "/api/v1/wait?name=c&timeout=0").await;
    assert_eq!(none, json!({"complete": false, "items": []}));
}

#[tokio::test]
async fn page_shows_rows_filters_them_and_trusts_nothing() {
    let portal = Portal::start().unwrap();
    let evil = "<script>alert(1)</script>\"'&";
    post(&portal, "/v2.1/track", "", format!("[{},{}]", envelope(evil), envelope("GET /calm")).as_bytes()).await;
    let page = request_local(&portal, "/").await;
    assert!(page.contains("GET /calm") && page.contains("&lt;script&gt;alert(1)"), "{page}");
    assert!(!page.contains("<script>alert"));
    let head = page.to_ascii_lowercase();
    for header in
        ["content-security-policy: default-src 'self'", "x-content-type-options: nosniff", "x-frame-options: deny"]
    {
        assert!(head.contains(header), "{header}");
    }
    let filtered = request_local(&portal, "/?q=CALM").await;
    assert!(filtered.contains("GET /calm") && !filtered.contains("alert(1)"));
    let reflected = request_local(&portal, "/?q=%22%3E%3Cscript%3Ex").await;
    assert!(!reflected.contains("<script>x"));
    let item = request_local(&portal, "/items/1").await;
    assert!(item.contains("&lt;script&gt;") && !item.contains("<script>alert") && item.contains("<h2>Envelope</h2>"));
    assert!(request_local(&portal, "/items/99").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn live_stream_tells_of_new_items() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let portal = Portal::start().unwrap();
    let mut stream = tokio::net::TcpStream::connect(portal.address()).await.unwrap();
    let head = format!("GET /live HTTP/1.1\r\nhost: {}\r\n\r\n", portal.address());
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut seen = String::new();
    let mut buffer = [0; 1024];
    let mut sent = false;
    while !seen.contains("event: items") {
        let length = tokio::time::timeout(TIMEOUT, stream.read(&mut buffer)).await.unwrap().unwrap();
        assert_ne!(length, 0, "{seen}");
        seen.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        if seen.contains("\r\n\r\n") && !sent {
            sent = true;
            post(&portal, "/v2.1/track", "", envelope("a").to_string().as_bytes()).await;
        }
    }
}

#[test]
fn portal_waits_without_a_runtime() {
    let portal = Portal::start().unwrap();
    let waited = portal.wait_for_blocking(Filter::requests(), 1, Duration::from_millis(1)).unwrap();
    assert!(!waited.complete && waited.items.is_empty());
}

#[tokio::test]
async fn dropped_portal_answers_no_more() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let portal = Portal::start().unwrap();
    let address = portal.address();
    post(&portal, "/v2.1/track", "", envelope("only here").to_string().as_bytes()).await;
    drop(portal);
    // Somebody else may have the port by now, but not what was in the portal.
    let mut answer = String::new();
    if let Ok(mut stream) = tokio::net::TcpStream::connect(address).await {
        let request = format!("GET /api/v1/items HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = tokio::time::timeout(TIMEOUT, stream.read_to_string(&mut answer)).await;
    }
    assert!(!answer.contains("only here"), "{answer}");
}
