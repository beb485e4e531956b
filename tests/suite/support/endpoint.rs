//! An ingestion endpoint that answers by a script, and keeps what it was sent.

use std::collections::VecDeque;
use std::io::Read as _;
use std::net::SocketAddr;
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

pub(crate) const KEY: &str = "c0ffee00-1234-4abc-8def-0123456789ab";

/// One answer: status, headers, body.
pub(crate) type Answer = (u16, Vec<(&'static str, String)>, String);

pub(crate) fn status(status: u16) -> Answer {
    (status, Vec::new(), String::new())
}

/// One POST.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) at: Instant,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    /// The items, decompressed.
    pub(crate) items: Vec<Value>,
    pub(crate) text: String,
}

#[derive(Clone, Default)]
struct Shared {
    script: Arc<Mutex<VecDeque<Answer>>>,
    posts: Arc<Mutex<Vec<Post>>>,
}

/// An ingestion endpoint on the test's runtime. After its script it answers 200.
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    shared: Shared,
}

impl Endpoint {
    pub(crate) async fn answering(script: impl IntoIterator<Item = Answer>) -> Self {
        let shared = Shared { script: Arc::new(Mutex::new(script.into_iter().collect())), ..Shared::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(receive).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, shared }
    }

    /// The same behind TLS.
    pub(crate) async fn with_tls(tls: ServerConfig) -> Self {
        let shared = Shared::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = TowerToHyperService::new(Router::new().fallback(receive).with_state(shared.clone()));
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, service) = (acceptor.clone(), service.clone());
                tokio::spawn(async move {
                    // Whoever does not trust us hangs up.
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, shared }
    }

    /// Follows this script from now on.
    pub(crate) fn follow(&self, script: impl IntoIterator<Item = Answer>) {
        *self.shared.script.lock().unwrap() = script.into_iter().collect();
    }

    pub(crate) fn connection_string(&self) -> String {
        format!("InstrumentationKey={KEY};IngestionEndpoint=http://{}/", self.address)
    }

    pub(crate) fn posts(&self) -> Vec<Post> {
        self.shared.posts.lock().unwrap().clone()
    }
}

async fn receive(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*body).read_to_string(&mut text).expect("the body is gzip");
    let items = serde_json::from_str(&text).expect("the body is a JSON array");
    let post = Post { at: Instant::now(), path: uri.path().to_owned(), headers, items, text };
    shared.posts.lock().unwrap().push(post);
    let (status, headers, body) =
        shared.script.lock().unwrap().pop_front().unwrap_or((200, Vec::new(), "{}".to_owned()));
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
