//! The counterpart of a service under test: asks it to call, and keeps what arrives.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, Uri};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::SOON;

/// `traceparent` and `tracestate` lines of a call.
pub(crate) type Arrived = (Vec<String>, Vec<String>);

/// Keeps what arrives, by path.
#[derive(Clone)]
pub(crate) struct Harness {
    url: String,
    calls: Arc<Mutex<HashMap<String, Arrived>>>,
    asked: Arc<AtomicUsize>,
}

impl Harness {
    pub(crate) async fn start() -> Self {
        let calls = Arc::<Mutex<HashMap<_, _>>>::default();
        let kept = Arc::clone(&calls);
        let app = axum::Router::new().fallback(move |uri: Uri, headers: HeaderMap| async move {
            let lines = |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect();
            kept.lock().unwrap().insert(uri.path().to_owned(), (lines("traceparent"), lines("tracestate")));
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, calls, asked: Arc::default() }
    }

    /// Asks the service for so many calls, with these header lines. `None`: HTTP itself refuses them.
    pub(crate) async fn ask(
        &self,
        service: SocketAddr,
        lines: &[(&str, Vec<u8>)],
        calls: usize,
    ) -> Option<Vec<Arrived>> {
        // A line end makes two headers of one, before anybody reads them.
        if lines.iter().any(|(_, value)| value.contains(&b'\r') || value.contains(&b'\n')) {
            return None;
        }
        let id = self.asked.fetch_add(1, Ordering::Relaxed);
        let paths: Vec<_> = (0..calls).map(|call| format!("/{id}.{call}")).collect();
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
        for (name, value) in lines {
            request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        request.extend(format!("\r\n{body}").into_bytes());
        let mut stream = TcpStream::connect(service).await.unwrap();
        stream.write_all(&request).await.unwrap();
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut answer)).await.expect("an answer");
        if answer.starts_with(b"HTTP/1.1 400") || answer.starts_with(b"HTTP/1.1 431") {
            return None;
        }
        let arrived = self.calls.lock().unwrap();
        Some(
            paths.iter().map(|path| arrived.get(path).unwrap_or_else(|| panic!("no call of {path}")).clone()).collect(),
        )
    }
}
