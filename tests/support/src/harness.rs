//! The harness of the W3C's trace context tests: makes the service under test call it, and keeps the headers of
//! these calls.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, Uri};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::TIMEOUT;

/// The `traceparent` and the `tracestate` headers of one call.
pub type TraceHeaders = (Vec<String>, Vec<String>);

/// A server that keeps the headers of every call, by path.
#[derive(Clone)]
pub struct Harness {
    url: String,
    calls: Arc<Mutex<HashMap<String, TraceHeaders>>>,
    requests: Arc<AtomicUsize>,
}

impl Harness {
    /// Starts the server on the test's own runtime.
    pub async fn start() -> Self {
        let calls = Arc::<Mutex<HashMap<_, _>>>::default();
        let kept = Arc::clone(&calls);
        let app = axum::Router::new().fallback(move |uri: Uri, headers: HeaderMap| async move {
            let values = |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect();
            kept.lock().unwrap().insert(uri.path().to_owned(), (values("traceparent"), values("tracestate")));
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, calls, requests: Arc::default() }
    }

    /// Sends the service a request with these headers, which makes it call the harness `count` times. Returns the
    /// headers of the calls, or `None` if the request is invalid HTTP.
    pub async fn request_calls(
        &self,
        service: SocketAddr,
        headers: &[(&str, Vec<u8>)],
        count: usize,
    ) -> Option<Vec<TraceHeaders>> {
        // A line end would make two headers of one.
        if headers.iter().any(|(_, value)| value.contains(&b'\r') || value.contains(&b'\n')) {
            return None;
        }
        let id = self.requests.fetch_add(1, Ordering::Relaxed);
        let paths: Vec<_> = (0..count).map(|call| format!("/{id}.{call}")).collect();
        let body: Vec<_> = paths
            .iter()
            .map(|path| serde_json::json!({ "url": format!("{}{path}", self.url), "arguments": [] }))
            .collect();
        let body = serde_json::Value::from(body).to_string();
        let mut request = format!(
            "POST /trace-context-test HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        )
        .into_bytes();
        for (name, value) in headers {
            request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        request.extend(format!("\r\n{body}").into_bytes());
        let mut stream = TcpStream::connect(service).await.unwrap();
        stream.write_all(&request).await.unwrap();
        let mut response = Vec::new();
        let _ = tokio::time::timeout(TIMEOUT, stream.read_to_end(&mut response)).await.expect("a response");
        if response.starts_with(b"HTTP/1.1 400") || response.starts_with(b"HTTP/1.1 431") {
            return None;
        }
        let calls = self.calls.lock().unwrap();
        Some(paths.iter().map(|path| calls.get(path).unwrap_or_else(|| panic!("no call of {path}")).clone()).collect())
    }
}
