//! The pipeline starts, shuts down and can be dropped with every kind of runtime, and with none.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::{OpenCensusLayer, Settings, Telemetry};
use opencensus_core::exporter::{Batch, Delivery, EncodeError, Exporter, SendFuture};
use opencensus_core::{DropReason, TelemetryItem};
use opencensus_portal::{Portal, requests};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::events::EventRecorder;
use test_support::TIMEOUT;
use test_support::endpoint::Endpoint;

/// Longer than any deadline in these tests, and shorter than any wait of a blocked thread.
const NOT_HUNG: Duration = Duration::from_secs(15);

fn settings(connection_string: &str) -> Settings {
    Settings::default().with_store(false).with_connection_string(connection_string.parse().unwrap())
}

/// Sends one request through the layer, on any executor.
async fn serve_one(telemetry: &Telemetry) {
    let service = service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) });
    let service = OpenCensusLayer::new(telemetry.clone()).layer(service);
    service.oneshot(Request::get("/").body(()).unwrap()).await.unwrap();
}

#[tokio::test]
async fn shutdown_on_the_endpoints_own_thread_delivers() {
    let endpoint = Endpoint::start([]).await;
    let telemetry = settings(&endpoint.connection_string()).start().unwrap();
    serve_one(&telemetry).await;
    let report = telemetry.shutdown(TIMEOUT).await;
    assert!(report.complete && report.stats.delivered == 1, "{report:?}");
    assert_eq!(endpoint.posts().len(), 1);
}

#[tokio::test]
async fn flush_on_the_endpoints_own_thread_delivers_and_the_pipeline_continues() {
    let endpoint = Endpoint::start([]).await;
    let telemetry = settings(&endpoint.connection_string()).start().unwrap();
    for delivered in 1..=2 {
        serve_one(&telemetry).await;
        let report = telemetry.flush(TIMEOUT).await;
        assert!(report.complete && report.stats.delivered == delivered, "{report:?}");
    }
}

#[tokio::test]
async fn drop_on_the_endpoints_own_thread_waits_no_longer_than_the_grace() {
    let endpoint = Endpoint::start([]).await;
    let mut settings = settings(&endpoint.connection_string());
    settings.limits.grace = Duration::from_millis(200);
    let telemetry = settings.start().unwrap();
    serve_one(&telemetry).await;
    let begun = Instant::now();
    // The endpoint cannot respond while this thread waits.
    drop(telemetry);
    assert!(begun.elapsed() < NOT_HUNG);
}

#[test]
fn program_without_tokio_delivers() {
    let portal = Portal::start().unwrap();
    let telemetry = settings(&portal.connection_string()).start().unwrap();
    futures_executor::block_on(serve_one(&telemetry));
    let report = futures_executor::block_on(telemetry.flush(TIMEOUT));
    assert!(report.complete && report.stats.delivered == 1, "{report:?}");
    futures_executor::block_on(serve_one(&telemetry));
    let report = telemetry.shutdown(TIMEOUT).wait();
    assert!(report.complete && report.stats.delivered == 2, "{report:?}");
    assert_eq!(portal.wait_for_blocking_within(requests(), 2, TIMEOUT).unwrap().len(), 2);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

#[test]
fn two_runtimes_share_one_pipeline() {
    let portal = Portal::start().unwrap();
    let (first, second) = (runtime(), runtime());
    let telemetry = first.block_on(async { settings(&portal.connection_string()).start().unwrap() });
    first.block_on(serve_one(&telemetry));
    second.block_on(serve_one(&telemetry));
    drop(first);
    second.block_on(serve_one(&telemetry));
    let report = second.block_on(async { telemetry.shutdown(TIMEOUT).await });
    assert!(report.complete && report.stats.delivered == 3, "{report:?}");
}

#[test]
fn runtime_may_end_before_the_last_handle_is_dropped() {
    let portal = Portal::start().unwrap();
    let runtime = runtime();
    let telemetry = runtime.block_on(async {
        let telemetry = settings(&portal.connection_string()).start().unwrap();
        serve_one(&telemetry).await;
        telemetry
    });
    drop(runtime);
    drop(telemetry);
    portal.wait_for_blocking_within(requests(), 1, TIMEOUT).unwrap();
}

/// An exporter that runs a closure for every batch, on the worker's thread.
struct OnSend<F>(F);

impl<F: FnMut() + Send + 'static> Exporter for OnSend<F> {
    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        batch.push_item(item);
        Ok(())
    }

    fn send(&mut self, _: Arc<Batch>) -> SendFuture {
        (self.0)();
        Box::pin(std::future::ready(Delivery::Delivered.into()))
    }
}

#[tokio::test]
async fn last_handle_may_be_dropped_on_the_worker() {
    let handle: Arc<Mutex<Option<Telemetry>>> = Arc::default();
    let (dropped, mut was_dropped) = tokio::sync::mpsc::unbounded_channel();
    let on_worker = Arc::clone(&handle);
    let exporter = OnSend(move || {
        drop(on_worker.lock().unwrap().take());
        dropped.send(()).unwrap();
    });
    let telemetry = Settings::default().start_with(exporter).unwrap();
    *handle.lock().unwrap() = Some(telemetry.clone());
    serve_one(&telemetry).await;
    drop(telemetry);
    tokio::time::timeout(TIMEOUT, was_dropped.recv()).await.expect("the drop on the worker returns");
}

#[tokio::test]
async fn blocked_exporter_delays_neither_flush_nor_shutdown_nor_drop() {
    let block = || std::thread::sleep(Duration::from_secs(60));
    let mut settings = Settings::default();
    settings.limits.grace = Duration::from_millis(100);
    settings.limits.first_delay = Duration::ZERO;
    let telemetry = settings.clone().start_with(OnSend(block)).unwrap();
    serve_one(&telemetry).await;
    let begun = Instant::now();
    let report = telemetry.flush(Duration::from_millis(100)).await;
    assert!(!report.complete && report.stats.queued == 1, "{report:?}");
    let report = telemetry.shutdown(Duration::from_millis(100)).await;
    assert!(!report.complete && report.stats.queued == 1 && report.stats.balances(), "{report:?}");
    assert!(report.to_string().contains("1 still queued; the deadline passed"), "{report}");

    let telemetry = settings.start_with(OnSend(block)).unwrap();
    serve_one(&telemetry).await;
    drop(telemetry);
    assert!(begun.elapsed() < NOT_HUNG);
}

#[tokio::test]
async fn endpoint_that_never_responds_delays_shutdown_until_the_deadline_and_is_reported() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let connection_string = format!(
        "InstrumentationKey={};IngestionEndpoint=http://{}",
        test_support::endpoint::KEY,
        listener.local_addr().unwrap()
    );
    let telemetry = settings(&connection_string).start().unwrap();
    serve_one(&telemetry).await;
    let begun = Instant::now();
    let report = telemetry.shutdown(Duration::from_millis(300)).await;
    assert!(begun.elapsed() < NOT_HUNG);
    assert_eq!(report.stats.dropped.get(DropReason::Shutdown), 1, "{report:?}");
    assert!(report.complete && report.stats.balances());
}

#[test]
fn one_line_at_start_names_endpoint_role_sampler_and_rate_but_no_key() {
    let portal = Portal::start().unwrap();
    let subscriber = tracing::Dispatch::new(EventRecorder::default());
    let sampler =
        opencensus::sampling::SamplerSetting::Probability(opencensus::sampling::SamplingRate::try_from(0.25).unwrap());
    let settings = settings(&portal.connection_string()).with_service_name("shop").with_sampler(sampler);
    let telemetry = tracing::dispatcher::with_default(&subscriber, || settings.start().unwrap());
    let events = EventRecorder::take(&subscriber);
    let [event] = &*events else { panic!("not one line: {events:?}") };
    let words = format!("destination `{}`, role `shop`, sampler `probability(0.25)` (rate 0.25)", portal.address());
    assert!(event.contains(&words), "{event}");
    assert!(!event.contains("InstrumentationKey") && !event.contains("00000000-0000"), "{event}");
    assert!(telemetry.shutdown(TIMEOUT).wait().complete);
}

#[test]
fn missing_destination_is_an_error_with_its_remedy() {
    let error = Settings::from_lookup(|_| None).unwrap().start().unwrap_err();
    assert!(error.to_string().contains("APPLICATIONINSIGHTS_CONNECTION_STRING"), "{error}");
    // An empty variable counts as not set.
    let empty = Settings::from_lookup(|name| (name == "APPLICATIONINSIGHTS_CONNECTION_STRING").then(String::new));
    assert!(matches!(empty.unwrap().start(), Err(opencensus::TelemetryError::NoDestination)));
    let disabled = Settings::from_lookup(|name| (name == "OTEL_SDK_DISABLED").then(|| "true".to_owned()));
    assert!(disabled.unwrap().start().is_ok());
}

#[test]
fn invalid_blacklist_entry_is_an_error_with_its_text() {
    let settings = Settings::default().with_blacklist_paths(["/a?b"]);
    let error = settings.start_with(opencensus::InMemoryExporter::default()).unwrap_err();
    assert!(error.to_string().contains("`/a?b`"), "{error}");
}
