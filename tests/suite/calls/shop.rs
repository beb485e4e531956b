//! A service that calls another one, each with its own telemetry.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opencensus::core::{SpanRecord, Value};
use opencensus::outgoing::ClientService;
use opencensus::{ClientLayer, InMemoryExporter, OpenCensusLayer, RequestRecord, Settings, Telemetry};
use test_support::TIMEOUT;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::support::{in_memory, serve};

pub(super) type Hyper = ClientService<Client<HttpConnector, Full<Bytes>>>;

/// The service under test, and the one that it calls.
pub(super) struct Shop {
    pub(super) telemetry: Telemetry,
    exporter: InMemoryExporter,
    stock: Telemetry,
    stock_exporter: InMemoryExporter,
    /// The URL of the other service, without a slash.
    pub(super) url: String,
}

/// What one request of the shop recorded.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) requests: Vec<RequestRecord>,
    pub(super) calls: Vec<SpanRecord>,
    /// The requests of the other service.
    pub(super) called: Vec<RequestRecord>,
}

impl Shop {
    pub(super) async fn new(settings: Settings) -> Self {
        let (telemetry, exporter) = in_memory(settings);
        let (stock, stock_exporter) = in_memory(Settings::default());
        let url = format!("http://{}", serve::axum(stock_app(stock.clone())).await);
        Self { telemetry, exporter, stock, stock_exporter, url }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub(super) fn layer(&self) -> ClientLayer {
        ClientLayer::new(self.telemetry.clone())
    }

    /// hyper-util's client inside of the layer.
    pub(super) fn client(&self) -> Hyper {
        self.layer().layer(hyper(false))
    }

    /// Handles a request with this future and this status.
    pub(super) async fn handle(&self, status: u16, work: impl Future<Output = ()> + Send + 'static) -> Transaction {
        let work = std::sync::Mutex::new(Some(work));
        let service = service_fn(|_: Request<()>| {
            let work = work.lock().unwrap().take().unwrap();
            async move {
                work.await;
                let response = Response::builder().status(status).body(http_body_util::Empty::<Bytes>::new());
                Ok::<_, std::convert::Infallible>(response.unwrap())
            }
        });
        let request = Request::get("/order").body(()).unwrap();
        let response = OpenCensusLayer::new(self.telemetry.clone()).layer(service).oneshot(request).await.unwrap();
        drop(response);
        self.recorded().await
    }

    /// What was recorded since the start.
    pub(super) async fn recorded(&self) -> Transaction {
        // The other service records a request at its end, which its client does not wait for.
        let idle = |telemetry: &Telemetry| telemetry.stats().requests.in_flight() == 0;
        for _ in 0..500 {
            if idle(&self.stock) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        for telemetry in [&self.telemetry, &self.stock] {
            let report = telemetry.flush(TIMEOUT).await;
            assert!(report.complete && report.stats.balances(), "{report:?}");
        }
        Transaction {
            requests: self.exporter.requests(),
            calls: self.exporter.spans(),
            called: self.stock_exporter.requests(),
        }
    }
}

/// hyper-util's client without the layer.
pub(super) fn hyper(http2: bool) -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new()).http2_only(http2).build_http()
}

pub(super) fn get_request(url: &str) -> Request<Full<Bytes>> {
    Request::get(url).body(Full::default()).unwrap()
}

pub(super) fn attribute<'a>(call: &'a SpanRecord, key: &str) -> Option<&'a Value> {
    call.attributes.iter().find(|attribute| attribute.key == key).map(|attribute| &attribute.value)
}

pub(super) fn text(call: &SpanRecord, key: &str) -> String {
    attribute(call, key).map(ToString::to_string).unwrap_or_default()
}

fn stock_app(telemetry: Telemetry) -> axum::Router {
    let attempts = Arc::new(AtomicUsize::new(0));
    let flaky = move || async move {
        let is_first = attempts.fetch_add(1, Ordering::Relaxed) == 0;
        if is_first { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
    };
    axum::Router::new()
        .route("/ok", get(|| async { "ok" }))
        .route("/missing", get(|| async { StatusCode::NOT_FOUND }))
        .route("/fail", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/redirect", get(|| async { Redirect::temporary("/ok") }))
        .route("/hang", get(std::future::pending::<()>))
        .route("/flaky", get(flaky))
        .route("/stream", get(|| async { chunks(None) }))
        .route("/broken", get(|| async { chunks(Some("the file ended")) }))
        .route("/headers", get(trace_headers))
        .layer(OpenCensusLayer::new(telemetry))
}

/// Two chunks, 60 ms apart, then an error.
fn chunks(error: Option<&'static str>) -> axum::body::Body {
    let stream = futures_util::stream::unfold(0, move |chunk| async move {
        match (chunk, error) {
            (0, _) => Some((Ok("one"), 1)),
            (1, _) => {
                tokio::time::sleep(Duration::from_millis(60)).await;
                Some((Ok("two"), 2))
            }
            (2, Some(error)) => Some((Err(std::io::Error::other(error)), 3)),
            _ => None,
        }
    });
    axum::body::Body::from_stream(stream)
}

async fn trace_headers(headers: HeaderMap) -> String {
    headers.get("traceparent").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}
