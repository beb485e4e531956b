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

/// Sends a request, and goes away after `bytes` of the answer have come (0: before any can).
pub(crate) async fn give_up(address: SocketAddr, path: &str, bytes: usize) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: shop.example\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut seen = 0;
    let mut buffer = [0; 1024];
    while seen < bytes {
        seen += stream.read(&mut buffer).await.unwrap();
    }
    if bytes == 0 {
        // The server must have read the request: it only notices who leaves while it works.
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
}
