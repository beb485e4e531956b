//! A portal waits for items on any thread, and stops when it is dropped.

use std::time::Duration;

use opencensus_portal::{Filter, Portal};
use test_support::TIMEOUT;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{envelope, post};

#[test]
fn wait_blocks_without_a_runtime() {
    let portal = Portal::start().unwrap();
    let waited = portal.wait_for_blocking(Filter::requests(), 1, Duration::from_millis(1)).unwrap();
    assert!(!waited.complete && waited.items.is_empty());
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
