//! The ingestion endpoint accepts all formats, validates items, and enforces its limits.

use opencensus_portal::{Filter, Portal};
use serde_json::json;

use crate::support::{envelope, gzip, post};

#[tokio::test]
async fn all_body_formats_are_accepted() {
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
        let (status, response) = post(&portal, path, headers, &body).await;
        assert_eq!((status, &response), (200, &json!({"itemsReceived": items, "itemsAccepted": items, "errors": []})));
    }
    assert_eq!(portal.count(Filter::requests()).await.unwrap(), (9, 9.0));
}

#[tokio::test]
async fn each_item_is_accepted_or_refused_on_its_own() {
    let portal = Portal::start().unwrap();
    let lines = format!("{}\nnot json\n{}\n", envelope("a"), envelope("b"));
    let (status, response) = post(&portal, "/v2.1/track", "", lines.as_bytes()).await;
    assert_eq!((status, &response["itemsAccepted"], &response["errors"][0]["index"]), (206, &json!(2), &json!(1)));
    assert_eq!(response["errors"][0]["statusCode"], 400);
    let (status, response) = post(&portal, "/v2.1/track", "", b"[{},[]]").await;
    assert_eq!(
        (status, response["itemsAccepted"].as_u64(), response["errors"].as_array().map(Vec::len)),
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
