//! Faults change the responses to exactly their number of posts.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use opencensus_portal::{Fault, Filter, Portal, requests};
use serde_json::{Value, json};
use test_support::client::raw;

use crate::support::{control, envelope, get, get_json, post};

const PATH: &str = "/v2.1/track";

/// Posts so many items, and returns the response as text.
async fn posted(portal: &Portal, path: &str, headers: &str, items: usize) -> String {
    let body = format!("[{}]", vec![envelope("GET /x").to_string(); items].join(","));
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        portal.address(),
        body.len()
    );
    raw(portal.address(), &request).await
}

async fn stored(portal: &Portal) -> u64 {
    portal.count(Filter::default()).await.unwrap().0
}

#[tokio::test]
async fn every_status_of_the_service_can_be_returned_with_its_body_and_headers() {
    let portal = Portal::start().unwrap();
    for status in [400, 401, 402, 403, 404, 408, 413, 429, 439, 500, 503] {
        portal.inject(Fault::status(status).retry_after(Duration::from_secs(7))).unwrap();
        let response = posted(&portal, PATH, "", 1).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{response}");
        assert!(response.contains("\r\nretry-after: 7\r\n"), "{response}");
        let body: Value = serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!((&body["itemsAccepted"], &body["errors"][0]["statusCode"]), (&json!(0), &json!(status)));
    }
    for status in [307, 308] {
        portal.inject(Fault::status(status).location("/elsewhere/v2.1/track")).unwrap();
        let response = posted(&portal, PATH, "", 1).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")) && response.ends_with("\r\n\r\n"), "{response}");
        assert!(response.contains("\r\nlocation: /elsewhere/v2.1/track\r\n"), "{response}");
    }
    assert_eq!(stored(&portal).await, 0);
    assert!(posted(&portal, PATH, "", 1).await.starts_with("HTTP/1.1 200"));
    assert_eq!(portal.wait_for(requests(), 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn concurrent_posts_get_exactly_as_many_faults_as_injected() {
    let portal = Portal::start().unwrap();
    portal.inject(Fault::status(503).times(7)).unwrap();
    portal.inject(Fault::status(429).times(5)).unwrap();
    let responses = join_all((0..30).map(|_| posted(&portal, PATH, "", 1))).await;
    let with = |status: &str| responses.iter().filter(|response| response.starts_with(status)).count();
    assert_eq!((with("HTTP/1.1 503"), with("HTTP/1.1 429"), with("HTTP/1.1 200")), (7, 5, 18));
    let report = portal.faults();
    assert_eq!((report.hits, report.posts.len(), report.active.len()), (12, 12, 0));
    assert!(report.posts.iter().all(|post| post.path == PATH && post.bytes > 100 && post.time > 0));
    assert_eq!(stored(&portal).await, 18);
}

#[tokio::test]
async fn connection_is_closed_without_a_byte_or_in_the_middle_of_the_response() {
    let portal = Portal::start().unwrap();
    portal.inject(Fault::dropped_connection()).unwrap();
    assert_eq!(posted(&portal, PATH, "", 1).await, "");
    assert_eq!(stored(&portal).await, 0);
    portal.inject(Fault::cut_response()).unwrap();
    let response = posted(&portal, PATH, "", 1).await;
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(head.starts_with("HTTP/1.1 200") && body.len() == length.parse::<usize>().unwrap() / 2, "{response}");
    assert_eq!(stored(&portal).await, 1);
}

#[tokio::test]
async fn every_third_item_is_refused_and_the_others_are_stored() {
    let portal = Portal::start().unwrap();
    portal.inject(Fault::refused_items(3, 500)).unwrap();
    let body = format!("[{}]", vec![envelope("GET /x").to_string(); 7].join(","));
    let (status, response) = post(&portal, PATH, "", body.as_bytes()).await;
    assert_eq!((status, &response["itemsReceived"], &response["itemsAccepted"]), (206, &json!(7), &json!(5)));
    let errors = response["errors"].as_array().unwrap();
    let errors: Vec<_> = errors.iter().map(|error| (error["index"].clone(), error["statusCode"].clone())).collect();
    assert_eq!(errors, [(json!(2), json!(500)), (json!(5), json!(500))]);
    assert_eq!(stored(&portal).await, 5);
    portal.inject(Fault::refused_items(1, 429)).unwrap();
    assert_eq!(post(&portal, PATH, "", body.as_bytes()).await.0, 429);
    assert_eq!(stored(&portal).await, 5);
}

#[tokio::test]
async fn delay_comes_before_the_response_and_delayed_posts_do_not_hold_up_others() {
    let portal = Portal::start().unwrap();
    let delay = Duration::from_millis(300);
    portal.inject(Fault::delay(delay).times(40)).unwrap();
    let begun = Instant::now();
    let responses = join_all((0..40).map(|_| posted(&portal, PATH, "", 1))).await;
    assert!(responses.iter().all(|response| response.starts_with("HTTP/1.1 200")));
    let elapsed = begun.elapsed();
    // More than the posts that are received at once: their delays pass at the same time.
    assert!(elapsed >= delay && elapsed < delay * 8, "{elapsed:?}");
    assert_eq!(stored(&portal).await, 40);
}

#[tokio::test]
async fn body_of_the_response_is_malformed_or_empty() {
    let portal = Portal::start().unwrap();
    portal.inject(Fault::malformed_response()).unwrap();
    portal.inject(Fault::empty_response()).unwrap();
    for body in [r#"{"itemsReceived":1,"itemsAccepted":"#, ""] {
        let response = posted(&portal, PATH, "", 1).await;
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
        assert_eq!(response.split_once("\r\n\r\n").unwrap().1, body);
    }
    assert_eq!(stored(&portal).await, 2);
}

#[tokio::test]
async fn faults_apply_to_paths_of_opentelemetry_and_to_no_other_path() {
    let portal = Portal::start().unwrap();
    portal.inject(Fault::status(503).times(3)).unwrap();
    let json_type = "content-type: application/json\r\n";
    let response = posted(&portal, "/v1/traces", json_type, 1).await;
    let body = json!({"code": 14, "message": "Service unavailable"}).to_string();
    assert!(response.starts_with("HTTP/1.1 503") && response.ends_with(&body), "{response}");
    let response = posted(&portal, "/v1/logs", "content-type: application/x-protobuf\r\n", 1).await;
    assert!(
        response.contains("content-type: application/x-protobuf")
            && response.ends_with("\u{8}\u{e}\u{12}\u{13}Service unavailable")
    );
    assert!(get(&portal, "/api/v1/items").await.starts_with("HTTP/1.1 200"));
    portal.end_faults();
    let record = json!({"body": {"stringValue": "sold"}, "timeUnixNano": "0"});
    let logs = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": vec![record; 4]}]}]}).to_string();
    portal.inject(Fault::refused_items(4, 503)).unwrap();
    let (status, body) = post(&portal, "/v1/logs", json_type, logs.as_bytes()).await;
    assert_eq!((status, &body["partialSuccess"]["rejectedLogRecords"]), (200, &json!("1")), "{body}");
    portal.inject(Fault::status(503)).unwrap();
    assert!(posted(&portal, "/proxy//v2/track", "", 1).await.starts_with("HTTP/1.1 503"));
    assert_eq!(portal.faults().hits, 4);
}

#[tokio::test]
async fn api_adds_reads_and_ends_faults_and_every_page_shows_them() {
    let portal = Portal::start().unwrap();
    assert!(!get(&portal, "/search").await.contains("Fault active"));
    let fault = json!({"status": 439, "times": 0, "retry_after": 60, "delay_ms": 1});
    let (status, report) = control(&portal, "POST", "/api/v1/faults", &fault.to_string()).await;
    assert_eq!((status, &report["active"][0]["fault"]["retry_after"]), (201, &json!("60")));
    assert_eq!(post(&portal, PATH, "", b"[]").await.0, 439);
    for path in ["/search", "/faults", "/refused"] {
        let page = get(&portal, path).await;
        assert!(page.contains("All posts of telemetry get 439 with Retry-After 60, after 1 ms."), "{path}: {page}");
    }
    let report = get_json(&portal, "/api/v1/faults").await;
    assert_eq!((&report["hits"], &report["posts"][0]["bytes"]), (&json!(1), &json!(2)));
    assert_eq!(control(&portal, "DELETE", "/api/v1/faults", "").await.1["active"], json!([]));
    assert!(!get(&portal, "/search").await.contains("Fault active"));
    for (body, parameter) in [("{}", "status"), ("[", "body"), (r#"{"status":503,"x":1}"#, "x")] {
        let (status, error) = control(&portal, "POST", "/api/v1/faults", body).await;
        assert_eq!((status, &error["parameter"]), (400, &json!(parameter)), "{error}");
    }
}
