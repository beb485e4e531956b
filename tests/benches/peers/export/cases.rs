//! The exporters that are compared.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use opencensus::azure::{AzureExporter, Compression, ConnectionString};
use opencensus_core::exporter::{Batch, Exporter as _};
use opencensus_core::{Resource, TelemetryItem};
use opencensus_opentelemetry::PipelineSpanExporter;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use crate::appinsights;
use crate::cpu_time::CpuTime;
use crate::items::{record, span};
use crate::sink::Sink;

const CONNECTION: &str =
    "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:1/";

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Ours,
    OursBest,
    OursFromSpans,
    ApplicationInsights,
    AppInsights,
    OtlpGzip,
    Otlp,
}

pub(crate) const KINDS: [(Kind, &str); 7] = [
    (Kind::Ours, "ours"),
    (Kind::OursBest, "ours, best compression"),
    (Kind::OursFromSpans, "ours, from OpenTelemetry's spans"),
    (Kind::ApplicationInsights, "opentelemetry-application-insights"),
    (Kind::AppInsights, "appinsights"),
    (Kind::OtlpGzip, "opentelemetry-otlp, gzip"),
    (Kind::Otlp, "opentelemetry-otlp, not compressed"),
];

/// What exporting a batch took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Processor time.
    pub(crate) nanos: f64,
    pub(crate) bytes: usize,
}

impl Cost {
    /// The cost of work on this thread that returns the number of bytes.
    pub(crate) fn of_thread(work: impl FnOnce() -> usize) -> Self {
        let begun = CpuTime::now().thread;
        let bytes = work();
        Self { nanos: CpuTime::now().thread - begun, bytes }
    }
}

/// Exports a batch whose input exists already.
pub(crate) type Run = Box<dyn FnOnce() -> Cost>;

/// Creates the input of one batch.
pub(crate) fn prepare(kind: Kind, size: usize) -> Run {
    let spans = || (0..size).map(span).collect::<Vec<_>>();
    match kind {
        Kind::Ours => ours(records(size), Compression::default()),
        Kind::OursBest => ours(records(size), Compression::Best),
        Kind::OursFromSpans => ours_from_spans(spans()),
        Kind::ApplicationInsights => application_insights(spans()),
        Kind::AppInsights => appinsights::prepare(size),
        Kind::OtlpGzip => otlp(spans(), true),
        Kind::Otlp => otlp(spans(), false),
    }
}

pub(crate) fn records(size: usize) -> Vec<TelemetryItem> {
    (0..size).map(|n| TelemetryItem::from(record(n))).collect()
}

fn resource() -> Resource {
    Resource::parse("service.name=shop,service.version=1.2.3").expect("a resource")
}

pub(crate) fn exporter(compression: Compression) -> AzureExporter {
    let connection: ConnectionString = CONNECTION.parse().expect("a connection string");
    AzureExporter::new(&connection, &resource()).expect("an exporter").with_compression(compression)
}

fn ours(records: Vec<TelemetryItem>, compression: Compression) -> Run {
    let mut exporter = exporter(compression);
    Box::new(move || {
        Cost::of_thread(|| {
            let batch = encode(&mut exporter, records.into_iter());
            exporter.body(&batch).expect("it is compressed").len()
        })
    })
}

fn ours_from_spans(spans: Vec<SpanData>) -> Run {
    let mut exporter = exporter(Compression::default());
    let resource = Arc::new(resource());
    Box::new(move || {
        Cost::of_thread(|| {
            let items = spans.into_iter().flat_map(|span| PipelineSpanExporter::telemetry_items(span, &resource));
            let batch = encode(&mut exporter, items);
            exporter.body(&batch).expect("it is compressed").len()
        })
    })
}

pub(crate) fn encode(exporter: &mut AzureExporter, items: impl Iterator<Item = TelemetryItem>) -> Batch {
    let mut batch = Batch::default();
    for mut item in items {
        exporter.split(&mut item);
        exporter.encode(item, &mut batch).expect("an item that can be encoded");
    }
    batch
}

fn application_insights(spans: Vec<SpanData>) -> Run {
    let bytes = Arc::<AtomicUsize>::default();
    let client = Sink(Arc::clone(&bytes));
    let exporter = opentelemetry_application_insights::Exporter::new_from_connection_string(CONNECTION, client)
        .expect("an exporter");
    export(exporter, spans, bytes)
}

fn otlp(spans: Vec<SpanData>, is_compressed: bool) -> Run {
    let bytes = Arc::<AtomicUsize>::default();
    let mut builder = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(Sink(Arc::clone(&bytes)))
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint("http://127.0.0.1:1/v1/traces");
    if is_compressed {
        builder = builder.with_compression(opentelemetry_otlp::Compression::Gzip);
    }
    export(builder.build().expect("an exporter"), spans, bytes)
}

fn export(mut exporter: impl SpanExporter + 'static, spans: Vec<SpanData>, bytes: Arc<AtomicUsize>) -> Run {
    let attributes =
        resource().iter().map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned())).collect::<Vec<_>>();
    exporter.set_resource(&opentelemetry_sdk::Resource::builder_empty().with_attributes(attributes).build());
    Box::new(move || {
        Cost::of_thread(|| {
            futures_executor::block_on(exporter.export(spans)).expect("it exports");
            bytes.load(Ordering::Relaxed)
        })
    })
}
