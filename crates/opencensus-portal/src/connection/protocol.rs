//! Decides by the first byte of a connection whether it is TLS.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

/// The longest time that the first byte may take to arrive. Browsers open connections before they need them.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(30);
/// The type of TLS records that contain a handshake. No method of HTTP begins with this byte.
const HANDSHAKE: u8 = 0x16;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Protocol {
    Http,
    Tls,
}

/// The protocol of a connection, whose first byte stays unread. `None` if it ends or stays silent.
pub(super) async fn detect(stream: &TcpStream) -> Option<Protocol> {
    let mut first = [0];
    let peeked = timeout(FIRST_BYTE_TIMEOUT, stream.peek(&mut first)).await;
    match peeked {
        Ok(Ok(1..)) if first[0] == HANDSHAKE => Some(Protocol::Tls),
        Ok(Ok(1..)) => Some(Protocol::Http),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    use super::*;

    async fn detected(first: &[u8]) -> Option<Protocol> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        client.write_all(first).await.unwrap();
        client.shutdown().await.unwrap();
        detect(&listener.accept().await.unwrap().0).await
    }

    #[tokio::test]
    async fn first_byte_decides() {
        assert_eq!(detected(b"\x16\x03\x01").await, Some(Protocol::Tls));
        assert_eq!(detected(b"\x16").await, Some(Protocol::Tls));
        assert_eq!(detected(b"GET / HTTP/1.1").await, Some(Protocol::Http));
        assert_eq!(detected(b"\0").await, Some(Protocol::Http));
        assert_eq!(detected(b"").await, None);
    }
}
