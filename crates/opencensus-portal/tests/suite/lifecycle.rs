//! A portal waits for items on any thread, and stops when it is dropped.

use std::time::Duration;

use opencensus_portal::{Portal, PortalError, events, requests};
use test_support::TIMEOUT;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{envelope, post};

#[test]
fn wait_blocks_without_a_runtime() {
    let portal = Portal::start().unwrap();
    let error = portal.wait_for_blocking_within(requests(), 1, Duration::from_millis(1)).unwrap_err();
    assert!(error.to_string().ends_with("0 of 1 request items arrived within 1ms; nothing else arrived"), "{error}");
}

#[tokio::test]
async fn failed_wait_lists_what_did_arrive() {
    let portal = Portal::start().unwrap();
    post(&portal, "/v2.1/track", "", envelope("GET /x").to_string().as_bytes()).await;
    assert_eq!(portal.wait_for(requests().named("GET /x").status(200), 1).await.unwrap()[0].name, "GET /x");
    let error = portal.wait_for_within(requests().named("GET /x").status(500), 1, Duration::ZERO).await.unwrap_err();
    let PortalError::Missing(missing) = &error else { panic!("{error}") };
    assert_eq!((missing.expected, missing.found, missing.total), (1, 0, 1));
    // What a failed test shows.
    assert!(format!("{error:?}").contains("1 of the request items named `GET /x` has code = 200"), "{error:?}");
    for (filter, count) in [(events(), 0), (requests().failed(), 0), (requests().role("shop"), 0), (requests(), 1)] {
        assert_eq!(portal.count(filter.clone()).await.unwrap().0, count, "{filter}");
    }
}

#[tokio::test]
async fn properties_select_items_by_key_and_value() {
    let portal = Portal::start().unwrap();
    let mut item = envelope("a");
    item["data"]["baseData"]["properties"] = serde_json::json!({"te\"nant": "acme", "other": "x"});
    post(&portal, "/v2.1/track", "", format!("[{item},{}]", envelope("b")).as_bytes()).await;
    for (key, value, count) in [("te\"nant", "acme", 1), ("te\"nant", "acm", 0), ("other", "acme", 0)] {
        assert_eq!(portal.count(requests().property(key, value)).await.unwrap().0, count, "{key} {value}");
    }
}

#[tokio::test]
async fn dropped_portal_stops_and_discards_its_items() {
    let portal = Portal::start().unwrap();
    let address = portal.address();
    post(&portal, "/v2.1/track", "", envelope("only here").to_string().as_bytes()).await;
    drop(portal);
    // Another process may use the port by now, but it does not have the items.
    let mut response = String::new();
    if let Ok(mut stream) = TcpStream::connect(address).await {
        let request = format!("GET /api/v1/items HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = tokio::time::timeout(TIMEOUT, stream.read_to_string(&mut response)).await;
    }
    assert!(!response.contains("only here"), "{response}");
}
