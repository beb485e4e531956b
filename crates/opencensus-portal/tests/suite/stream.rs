//! The API streams items as they arrive.

use opencensus_portal::{Portal, PortalOptions};
use serde_json::Value;
use std::time::Duration;
use test_support::TIMEOUT;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{control, envelope, get, post};

/// A stream that is read piece by piece.
struct Reader {
    stream: TcpStream,
    text: String,
}

impl Reader {
    async fn open(portal: &Portal, path: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(portal.address()).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", portal.address());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reader = Self { stream, text: String::new() };
        reader.until("\r\n\r\n").await;
        reader
    }

    /// Reads until the text occurs.
    async fn until(&mut self, text: &str) {
        let mut searched = 0;
        while !self.text[searched..].contains(text) {
            // The text may begin in what was searched. All of it is ASCII.
            searched = self.text.len().saturating_sub(text.len());
            let mut some = vec![0; 64 * 1024];
            let read = tokio::time::timeout(TIMEOUT, self.stream.read(&mut some)).await.expect(text).unwrap();
            assert_ne!(read, 0, "{text}: {}", self.text);
            self.text.push_str(&String::from_utf8_lossy(&some[..read]));
        }
    }
}

async fn send(portal: &Portal, name: &str) {
    assert_eq!(post(portal, "/v2.1/track", "", envelope(name).to_string().as_bytes()).await.0, 200);
}

#[tokio::test]
async fn items_of_the_filter_are_lines_as_soon_as_they_arrive() {
    let portal = Portal::start().unwrap();
    send(&portal, "before").await;
    let mut reader = Reader::open(&portal, "/api/v1/stream?kind=request&name=a", "").await;
    assert!(reader.text.contains("content-type: application/x-ndjson"), "{}", reader.text);
    for name in ["b", "a"] {
        send(&portal, name).await;
    }
    reader.until("}\n\r\n").await;
    let line = reader.text.lines().find(|line| line.starts_with('{')).unwrap();
    let item: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&item["name"], &item["id"], &item["envelope"]["iKey"]), (&"a".into(), &3.into(), &"any".into()));
    let mut all = Reader::open(&portal, "/api/v1/stream?after=1", "accept: text/event-stream\r\n").await;
    all.until("id: 3\nevent: item\ndata: {").await;
    assert!(all.text.contains("id: 2\n") && !all.text.contains("id: 1\n"), "{}", all.text);
    let mut resumed =
        Reader::open(&portal, "/api/v1/stream", "accept: text/event-stream\r\nlast-event-id: 2\r\n").await;
    resumed.until("id: 3\n").await;
    assert!(!resumed.text.contains("id: 2\n"));
}

#[tokio::test]
async fn stream_ends_at_its_time_limit_and_streams_are_bounded_in_number() {
    let portal = Portal::start().unwrap();
    assert!(get(&portal, "/api/v1/stream?timeout=0.01").await.ends_with("0\r\n\r\n"));
    let mut open = Vec::new();
    for _ in 0..64 {
        open.push(Reader::open(&portal, "/api/v1/stream", "").await);
    }
    let refused = get(&portal, "/api/v1/stream").await;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains(r#"{"error":"#), "{refused}");
    assert!(get(&portal, "/api/v1/stream?timeout=x").await.starts_with("HTTP/1.1 400"));
}

#[tokio::test]
async fn slow_reader_gets_the_number_of_items_that_were_deleted_before_it_read_them() {
    let portal = PortalOptions::default().with_retention(100, 1 << 30, Duration::from_secs(3600)).start().unwrap();
    let mut reader = Reader::open(&portal, "/api/v1/stream", "").await;
    // More than the buffers of the connection hold.
    let mut large = envelope("large");
    large["data"]["baseData"]["properties"] = serde_json::json!({"a": "x".repeat(8000), "b": "x".repeat(8000)});
    let body = format!("[{}]", vec![large.to_string(); 200].join(","));
    for _ in 0..5 {
        assert_eq!(post(&portal, "/v2.1/track", "", body.as_bytes()).await.0, 200);
    }
    send(&portal, "the last").await;
    reader.until("the last").await;
    let lines = reader.text.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap_or_default()).collect();
    let dropped: u64 = lines.iter().filter_map(|line| line["dropped"].as_u64()).sum();
    assert!(dropped > 0, "{}", lines.len());
    assert_eq!(control(&portal, "POST", "/api/v1/clear", "").await.0, 200);
}
