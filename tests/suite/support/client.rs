//! A client that shows what is on the wire.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::SOON;

/// A whole answer as text, head and body; what came before the connection broke, if it did.
pub(crate) async fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(SOON, read).await.expect("the server neither answers nor hangs up");
    String::from_utf8_lossy(&answer).into_owned()
}

/// One request on a connection of its own. `headers` end with line ends.
pub(crate) async fn request(address: SocketAddr, method: &str, path: &str, headers: &str) -> String {
    raw(address, &format!("{method} {path} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n{headers}\r\n")).await
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> String {
    request(address, "GET", path, "").await
}

/// Sends a request for a body in chunks, and goes away after its first chunk.
pub(crate) async fn give_up_midway(address: SocketAddr, path: &str) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: shop.example\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    while !answer.contains("chunk\n") {
        let mut some = [0; 1024];
        let length = stream.read(&mut some).await.unwrap();
        assert_ne!(length, 0, "the server hung up");
        answer.push_str(&String::from_utf8_lossy(&some[..length]));
    }
}

/// Sends a request, and goes away when `noticed` is done.
pub(crate) async fn give_up_when(address: SocketAddr, path: &str, noticed: impl Future<Output = ()>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: shop.example\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    noticed.await;
}
