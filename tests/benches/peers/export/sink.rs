//! Receives what the exporters send.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError};

use crate::cpu_time::CpuTime;

/// An HTTP client that keeps the length of a body and responds with 200.
pub(crate) struct Sink(pub(crate) Arc<AtomicUsize>);

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}

impl HttpClient for Sink {
    fn send_bytes<'life, 'future>(
        &'life self,
        request: http::Request<Bytes>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        self.0.store(request.body().len(), Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(http::Response::new(Bytes::from_static(b"{}")))))
    }
}

/// An HTTP server on a thread that keeps the length of a body and responds with 200, for an exporter that brings its own client.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    bytes: Arc<AtomicUsize>,
    nanos: Arc<AtomicU64>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (bytes, nanos) = (Arc::<AtomicUsize>::default(), Arc::<AtomicU64>::default());
        let server = Self { address, bytes: Arc::clone(&bytes), nanos: Arc::clone(&nanos) };
        std::thread::spawn(move || {
            // The process ends with the benchmark, and this thread with it.
            for connection in listener.incoming().flatten() {
                serve(connection, &bytes, &nanos);
            }
        });
        server
    }

    /// The length of the latest body.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Acquire)
    }

    /// The processor time of the server's thread up to its latest response.
    pub(crate) fn nanos(&self) -> f64 {
        self.nanos.load(Ordering::Acquire) as f64
    }
}

/// Serves one connection to its end.
fn serve(mut connection: TcpStream, bytes: &AtomicUsize, nanos: &AtomicU64) {
    let mut buffer = vec![0; 64 * 1024];
    let mut head = Vec::new();
    while let Ok(read @ 1..) = connection.read(&mut buffer) {
        head.extend_from_slice(&buffer[..read]);
        let Some(end) = head.windows(4).position(|end| end == b"\r\n\r\n") else { continue };
        let length = content_length(&head[..end]);
        let mut left = (end + 4 + length).saturating_sub(head.len());
        while left > 0 {
            match connection.read(&mut buffer) {
                Ok(read @ 1..) => left = left.saturating_sub(read),
                _ => return,
            }
        }
        head.clear();
        bytes.store(length, Ordering::Release);
        let body = r#"{"itemsReceived":1,"itemsAccepted":1,"errors":[]}"#;
        let response = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        nanos.store(CpuTime::now().thread as u64, Ordering::Release);
        if connection.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length.expect("a length").trim().parse().expect("a number")
}
