//! OpenTelemetry's SDK and `Telemetry::track` send every kind of telemetry, from a thread without a runtime.
//!
//! The environment variable `INGESTION_ENDPOINT`, such as `http://127.0.0.1:8787`, replaces the test's endpoint.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use opencensus::{Settings, Telemetry, Value as AttributeValue};
use opencensus_core::{
    Attribute, AvailabilityRecord, EventRecord, ExceptionRecord, MetricRecord, Origin, PageViewRecord, Severity,
};
use opencensus_opentelemetry::{PipelineLogExporter, PipelineMetricExporter, PipelineSpanExporter};
use opentelemetry::KeyValue;
use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity as OtelSeverity};
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::{Span as _, SpanKind, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde_json::Value;

use crate::support::SettingsExt as _;
use crate::support::quick;
use test_support::TIMEOUT;
use test_support::endpoint::{Endpoint, KEY};

const EACH: usize = 100;

fn sdk_resource() -> opentelemetry_sdk::Resource {
    opentelemetry_sdk::Resource::builder_empty().with_attribute(KeyValue::new("service.name", "sdk")).build()
}

/// Sends spans, logs and metrics with an SDK and shuts it down.
fn send_with_sdk(telemetry: &Telemetry) {
    let pipeline = telemetry.pipeline().unwrap().clone();
    let spans = SdkTracerProvider::builder()
        .with_resource(sdk_resource())
        .with_batch_exporter(PipelineSpanExporter::new(pipeline.clone()))
        .build();
    let logs = SdkLoggerProvider::builder()
        .with_resource(sdk_resource())
        .with_batch_exporter(PipelineLogExporter::new(pipeline.clone()))
        .build();
    let metrics = SdkMeterProvider::builder()
        .with_resource(sdk_resource())
        .with_periodic_exporter(PipelineMetricExporter::new(pipeline))
        .build();
    let (tracer, logger, meter) = (spans.tracer("shop"), logs.logger("shop"), metrics.meter("shop"));
    let histogram = meter.f64_histogram("shop.basket").build();
    for n in 0..EACH {
        let server = tracer.span_builder("GET /users/{id}").with_kind(SpanKind::Server).with_attributes([
            KeyValue::new("http.request.method", "GET"),
            KeyValue::new("http.route", "/users/{id}"),
            KeyValue::new("http.response.status_code", 200),
        ]);
        let context = opentelemetry::Context::current_with_span(server.start(&tracer));
        let _attached = context.clone().attach();
        let mut client = tracer
            .span_builder("SELECT")
            .with_kind(SpanKind::Client)
            .with_attributes([KeyValue::new("db.system.name", "postgresql"), KeyValue::new("db.namespace", "shop")])
            .start(&tracer);
        client.record_error(&std::io::Error::other("no more chairs"));
        client.end();
        let mut record = logger.create_log_record();
        record.set_severity_number(OtelSeverity::Warn);
        record.set_body(AnyValue::from(format!("chair {n} is wobbly")));
        record.add_attribute("shop.chair", n as i64);
        logger.emit(record);
        histogram.record(n as f64, &[KeyValue::new("shop.n", n as i64)]);
    }
    spans.shutdown().unwrap();
    logs.shutdown().unwrap();
    metrics.shutdown().unwrap();
}

fn send_with_direct_api(telemetry: &Telemetry) {
    let here = || Origin::at(SystemTime::now());
    for n in 0..EACH {
        let mut event = EventRecord::new(here(), "order placed");
        event.attributes.push(Attribute::new("shop.chair", AttributeValue::from("red")));
        event.measurements.push(("shop.price".into(), 12.5));
        telemetry.track(event);
        let mut page = PageViewRecord::new(here(), "chairs");
        (page.url, page.duration) = (Some("https://shop.example/chairs".into()), Some(Duration::from_millis(120)));
        telemetry.track(page);
        let mut test = AvailabilityRecord::new(here(), "front page", Duration::from_millis(80), n % 2 == 0);
        (test.run_location, test.message) = (Some("Zürich".into()), Some("the page is complete".into()));
        telemetry.track(test);
        telemetry.track(MetricRecord::new(here(), "shop.queue", n as f64));
        let mut error = ExceptionRecord::new(here());
        (error.message, error.severity) = (Some("no more chairs".into()), Some(Severity::Critical));
        error.stack = Some("   0: shop::reserve\n             at ./src/main.rs:10:5\n   1: main\n".into());
        telemetry.track(error);
    }
    // JSON cannot express NaN.
    telemetry.track(MetricRecord::new(here(), "shop.nothing", f64::NAN));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sdk_and_direct_api_send_every_kind_of_telemetry() {
    let endpoint = Endpoint::start([]).await;
    let other_endpoint = std::env::var("INGESTION_ENDPOINT").ok();
    let connection = other_endpoint.as_ref().map_or_else(
        || endpoint.connection_string(),
        |url| format!("InstrumentationKey={KEY};IngestionEndpoint={url}"),
    );
    let settings = Settings::default().with(|s| s.limits = quick()).with_service_name("shop");
    let telemetry = settings.with_store(false).with_connection_string(connection.parse().unwrap()).start().unwrap();
    let of_thread = telemetry.clone();
    // A thread without a runtime.
    std::thread::spawn(move || {
        assert!(tokio::runtime::Handle::try_current().is_err());
        send_with_sdk(&of_thread);
        send_with_direct_api(&of_thread);
    })
    .join()
    .unwrap();
    let report = telemetry.shutdown(TIMEOUT).await;
    assert!(report.complete && report.stats.balances(), "{report:?}");
    assert_eq!(report.stats.dropped.total(), 1, "only the item with NaN is dropped");
    if other_endpoint.is_some() {
        return;
    }
    let items: Vec<Value> = endpoint.posts().into_iter().flat_map(|post| post.items).collect();
    let mut kinds = BTreeMap::<String, usize>::new();
    items.iter().for_each(|item| *kinds.entry(item["data"]["baseType"].as_str().unwrap().to_owned()).or_default() += 1);
    let expected = [
        ("AvailabilityData", EACH),
        ("EventData", EACH),
        ("ExceptionData", 2 * EACH),
        ("MessageData", EACH),
        ("MetricData", 2 * EACH),
        ("PageViewData", EACH),
        ("RemoteDependencyData", EACH),
        ("RequestData", EACH),
    ];
    assert_eq!(kinds.iter().map(|(kind, count)| (kind.as_str(), *count)).collect::<Vec<_>>(), expected);
    check_relations(&items);
}

/// Checks that the items of a request belong to one trace and have the right parents.
fn check_relations(items: &[Value]) {
    let of = |kind: &str| items.iter().filter(|item| item["data"]["baseType"] == kind).collect::<Vec<_>>();
    let request = of("RequestData")[0];
    let trace = &request["tags"]["ai.operation.id"];
    let in_trace = |kind: &str| of(kind).into_iter().find(|item| item["tags"]["ai.operation.id"] == *trace).unwrap();
    let (call, error, message) = (in_trace("RemoteDependencyData"), in_trace("ExceptionData"), in_trace("MessageData"));
    let id = |item: &Value| item["data"]["baseData"]["id"].clone();
    assert_eq!(call["tags"]["ai.operation.parentId"], id(request));
    assert_eq!(error["tags"]["ai.operation.parentId"], id(call));
    assert_eq!(message["tags"]["ai.operation.parentId"], id(request));
    assert_eq!(call["data"]["baseData"]["target"], "shop");
    assert!([request, call, error, message].iter().all(|item| item["tags"]["ai.cloud.role"] == "sdk"));
    let message = &message["data"]["baseData"];
    assert_eq!((&message["severityLevel"], &message["properties"]["logger_name"]), (&2.into(), &Value::Null));
    let point = of("MetricData").into_iter().find(|item| item["tags"]["ai.cloud.role"] == "sdk").unwrap();
    let point = &point["data"]["baseData"]["metrics"][0];
    assert_eq!((&point["name"], &point["kind"], &point["count"]), (&"shop.basket".into(), &1.into(), &1.into()));
    let direct = of("ExceptionData").into_iter().find(|item| item["tags"]["ai.cloud.role"] == "shop").unwrap();
    let frames = serde_json::json!([
        { "level": 0, "method": "shop::reserve", "fileName": "./src/main.rs", "line": 10 },
        { "level": 1, "method": "main" },
    ]);
    assert_eq!(direct["data"]["baseData"]["exceptions"][0]["parsedStack"], frames);
    let event = &of("EventData")[0]["data"]["baseData"];
    assert_eq!((&event["name"], &event["measurements"]["shop.price"]), (&"order placed".into(), &12.5.into()));
    assert_eq!(of("EventData")[0]["tags"]["ai.cloud.role"], "shop");
}
