//! An HTTP/1.1 client that returns responses as raw text.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::TIMEOUT;

/// Sends the text of a request, and returns the text of the response, head and body. If the connection breaks,
/// returns the part that was received.
pub async fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    let read = stream.read_to_end(&mut response);
    let _ = tokio::time::timeout(TIMEOUT, read).await.expect("the server neither responds nor closes the connection");
    String::from_utf8_lossy(&response).into_owned()
}

/// Sends one request on a new connection. Every line of `headers` ends with `\r\n`.
pub async fn request(address: SocketAddr, method: &str, path: &str, headers: &str) -> String {
    raw(address, &format!("{method} {path} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n{headers}\r\n")).await
}

/// Sends a GET request on a new connection.
pub async fn get(address: SocketAddr, path: &str) -> String {
    request(address, "GET", path, "").await
}

/// Requests a body in chunks, and closes the connection after the first chunk.
pub async fn disconnect_midway(address: SocketAddr, path: &str) {
    let mut stream = send(address, path).await;
    let mut response = String::new();
    while !response.contains("chunk\n") {
        let mut some = [0; 1024];
        let length = stream.read(&mut some).await.unwrap();
        assert_ne!(length, 0, "the server closed the connection");
        response.push_str(&String::from_utf8_lossy(&some[..length]));
    }
}

/// Sends a request, and closes the connection when `event` is ready.
pub async fn disconnect_when(address: SocketAddr, path: &str, event: impl Future<Output = ()>) {
    let _stream = send(address, path).await;
    event.await;
}

async fn send(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: shop.example\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}
