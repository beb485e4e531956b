//! Requests through the middleware whose handler uses OpenTelemetry's SDK.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Empty};
use opencensus::sampling::{KeepFailures, SamplerSetting, SamplingRate};
use opencensus::{InMemoryExporter, OpenCensusLayer, RequestSpan, Settings, Telemetry};
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::support::SettingsExt as _;
use test_support::TIMEOUT;

/// Handles one request, which is named `GET /chairs/{id}` and has this status.
pub(super) async fn handle<F: Future<Output = ()>>(telemetry: &Telemetry, status: u16, handler: impl Fn() -> F) {
    handle_with(telemetry, status, HeaderMap::new(), handler).await;
}

/// The same with these headers.
pub(super) async fn handle_with<F: Future<Output = ()>>(
    telemetry: &Telemetry,
    status: u16,
    headers: HeaderMap,
    handler: impl Fn() -> F,
) {
    let service = service_fn(|request: Request<()>| {
        if let Some(span) = RequestSpan::current() {
            span.set_route("/chairs/{id}");
        }
        let handled = handler();
        async move {
            handled.await;
            // Until here: a request whose parts have the same addresses counts as the same one.
            drop(request);
            Ok::<_, Infallible>(Response::builder().status(status).body(Empty::<Bytes>::new()).unwrap())
        }
    });
    let mut request = Request::get(format!("/chairs/{status}")).header("host", "shop.example").body(()).unwrap();
    request.headers_mut().extend(headers);
    let response = OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request).await.unwrap();
    response.into_body().collect().await.unwrap();
}

pub(super) const OPERATION: &str = "GET /chairs/{id}";

pub(super) fn rate(rate: f64) -> SamplingRate {
    SamplingRate::try_from(rate).unwrap()
}

/// No request is kept for its head.
pub(super) fn none() -> Settings {
    Settings::default().with_sampler(SamplerSetting::AlwaysOff)
}

/// Only failed requests are kept.
pub(super) fn failures() -> Settings {
    none().with(|settings| settings.trace.keep_failures = KeepFailures::ServerErrors)
}

/// Sends what is queued.
pub(super) async fn flush(telemetry: &Telemetry) {
    let report = telemetry.flush(TIMEOUT).await;
    assert!(report.complete && report.stats.balances(), "{report:?}");
}

/// The names of the spans, in the order in which they ended.
pub(super) fn names(exporter: &InMemoryExporter) -> Vec<String> {
    exporter.spans().into_iter().map(|span| span.name.into_owned()).collect()
}
