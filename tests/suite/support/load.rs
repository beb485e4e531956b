//! A load generator: keep-alive connections that send one request after the other.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use opencensus::Telemetry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use test_support::TIMEOUT;

const CONNECTIONS: usize = 8;

/// The path of request `n`.
pub(crate) fn path(n: usize) -> &'static str {
    match n % 10 {
        0 => "/health",
        1 => "/health/live",
        2 => "/healthz",
        3 => "/no/such/path",
        4 => "/forbidden",
        5 => "/",
        _ => "/users/7",
    }
}

/// The number of requests among the first `count` that the blacklist `["/health"]` excludes.
pub(crate) fn hidden(count: usize) -> u64 {
    (0..count).filter(|n| matches!(path(*n), "/health" | "/health/live")).count() as u64
}

/// Sends `count` requests. `pace` limits the number of items that wait in the pipeline.
pub(crate) async fn run(address: SocketAddr, count: usize, header: &'static str, pace: Option<(Telemetry, u64)>) {
    let mut connections = tokio::task::JoinSet::new();
    for connection in 0..CONNECTIONS {
        let pace = pace.clone();
        connections.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let mut buffer = Vec::new();
            for n in (connection..count).step_by(CONNECTIONS) {
                if let Some((telemetry, most)) = &pace {
                    let begun = Instant::now();
                    while telemetry.stats().queued > *most {
                        assert!(begun.elapsed() < TIMEOUT, "{:?}", telemetry.stats());
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                }
                let request = format!("GET {} HTTP/1.1\r\nhost: shop.example\r\n{header}\r\n", path(n));
                stream.write_all(request.as_bytes()).await.unwrap();
                read_response(&mut stream, &mut buffer).await;
            }
        });
    }
    while let Some(result) = connections.join_next().await {
        result.unwrap();
    }
}

async fn read_response(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    let head = loop {
        assert_ne!(stream.read_buf(buffer).await.unwrap(), 0, "the server closed the connection");
        if let Some(head) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break head + 4;
        }
    };
    let text = std::str::from_utf8(&buffer[..head]).unwrap().to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let length: usize = length.parse().unwrap();
    while buffer.len() < head + length {
        assert_ne!(stream.read_buf(buffer).await.unwrap(), 0, "the server closed the connection");
    }
}
