//! A proxy that forwards plain `http` and opens tunnels, with a password, and optionally behind TLS.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// `anna:p@ss`, as in [`ForwardProxy::url`].
const CREDENTIALS: &str = "basic yw5uytpwqhnz";

#[derive(Clone)]
pub(crate) struct ForwardProxy {
    pub(crate) address: SocketAddr,
    /// Where every connection leads, whatever host the client names.
    to: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl ForwardProxy {
    pub(crate) async fn start(to: SocketAddr, tls: Option<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self { address: listener.local_addr().unwrap(), to, heads: Arc::default() };
        let (this, tls) = (proxy.clone(), tls.map(|tls| TlsAcceptor::from(Arc::new(tls))));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (this, tls) = (this.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => this.serve(stream).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => this.serve(stream).await,
                            Err(_) => Some(()),
                        },
                    }
                });
            }
        });
        proxy
    }

    /// The URL with this scheme, with user and password.
    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://anna:p%40ss@{}", self.address)
    }

    /// The heads of the requests that clients sent to the proxy itself.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    async fn serve(&self, mut client: impl AsyncRead + AsyncWrite + Unpin) -> Option<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap();
        self.heads.lock().unwrap().push(head.clone());
        if !head.to_ascii_lowercase().contains(&format!("proxy-authorization: {CREDENTIALS}\r\n")) {
            client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await.ok()?;
            return Some(());
        }
        let mut server = TcpStream::connect(self.to).await.ok()?;
        if head.starts_with("CONNECT ") {
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
        } else {
            server.write_all(head.as_bytes()).await.ok()?;
        }
        copy_bidirectional(&mut client, &mut server).await.ok()?;
        Some(())
    }
}
