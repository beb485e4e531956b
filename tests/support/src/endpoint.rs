//! An ingestion endpoint that responds by a script, and keeps the requests.

use std::collections::VecDeque;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The instrumentation key of [`Endpoint::connection_string`].
pub const KEY: &str = "c0ffee00-1234-4abc-8def-0123456789ab";

/// One response of the script: status, headers, body.
pub type ScriptedResponse = (u16, Vec<(&'static str, String)>, String);

/// A response with a status and nothing else.
pub fn status(status: u16) -> ScriptedResponse {
    (status, Vec::new(), String::new())
}

/// One POST request that the endpoint received.
#[derive(Clone, Debug)]
pub struct Post {
    /// The time at which the whole request had arrived.
    pub at: Instant,
    /// The request's path.
    pub path: String,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The telemetry items, decompressed and parsed.
    pub items: Vec<Value>,
    /// The decompressed body.
    pub text: String,
}

#[derive(Clone, Default)]
struct Shared {
    script: Arc<Mutex<VecDeque<ScriptedResponse>>>,
    posts: Arc<Mutex<Vec<Post>>>,
    // The most items of a POST. 0: no limit.
    max_items: Arc<AtomicUsize>,
}

/// An ingestion endpoint on the test's own runtime. After its script it responds with 200.
pub struct Endpoint {
    /// The address on which it listens.
    pub address: SocketAddr,
    shared: Shared,
}

impl Endpoint {
    /// Starts an endpoint with a script.
    pub async fn start(script: impl IntoIterator<Item = ScriptedResponse>) -> Self {
        let shared = Shared { script: Arc::new(Mutex::new(script.into_iter().collect())), ..Shared::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(receive).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, shared }
    }

    /// Starts an endpoint behind TLS that responds with 200.
    pub async fn start_tls(tls: ServerConfig) -> Self {
        let shared = Shared::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = TowerToHyperService::new(Router::new().fallback(receive).with_state(shared.clone()));
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, service) = (acceptor.clone(), service.clone());
                tokio::spawn(async move {
                    // A client that does not trust the certificate closes the connection.
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, shared }
    }

    /// Replaces the rest of the script.
    pub fn set_script(&self, script: impl IntoIterator<Item = ScriptedResponse>) {
        *self.shared.script.lock().unwrap() = script.into_iter().collect();
    }

    /// Responds with 413 to every POST of more items, whatever the script.
    pub fn set_max_items(&self, max_items: usize) {
        self.shared.max_items.store(max_items, Ordering::SeqCst);
    }

    /// The connection string of this endpoint, without TLS.
    pub fn connection_string(&self) -> String {
        format!("InstrumentationKey={KEY};IngestionEndpoint=http://{}/", self.address)
    }

    /// The requests received so far.
    pub fn posts(&self) -> Vec<Post> {
        self.shared.posts.lock().unwrap().clone()
    }
}

async fn receive(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*body).read_to_string(&mut text).expect("the body is gzip");
    let items: Vec<Value> = serde_json::from_str(&text).expect("the body is a JSON array");
    let max_items = shared.max_items.load(Ordering::SeqCst);
    let is_too_large = max_items > 0 && items.len() > max_items;
    let post = Post { at: Instant::now(), path: uri.path().to_owned(), headers, items, text };
    shared.posts.lock().unwrap().push(post);
    if is_too_large {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let (status, headers, body) =
        shared.script.lock().unwrap().pop_front().unwrap_or((200, Vec::new(), "{}".to_owned()));
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
