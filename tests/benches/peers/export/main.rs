//! The cost of exporting a request to Application Insights: encoding and compressing, without sending.
//!
//! ```text
//! cargo bench --manifest-path tests/benches/peers/Cargo.toml --bench export
//! ```
//!
//! Batches of 100, 512 and 1000 requests, each with its own ids, path, duration and user. Prints processor time and
//! bytes per item, and allocations counted by valgrind (memcheck) in runs of different length. This workspace's exporter
//! encodes the middleware's record, with fast and with best compression, and spans of OpenTelemetry's SDK, which are the
//! input of `opentelemetry-application-insights`.

#[path = "../../common/valgrind.rs"]
mod valgrind;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use opencensus::azure::{AzureExporter, Compression, ConnectionString};
use opencensus_core::exporter::{Batch, Exporter as _};
use opencensus_core::{
    Header, HttpVersion, Outcome, RequestHead, RequestRecord, Resource, SamplingRate, SpanId, TelemetryItem,
    TraceContext,
};
use opencensus_opentelemetry::PipelineSpanExporter;
use opentelemetry::trace::{
    SpanContext, SpanId as OtelSpanId, SpanKind, Status, TraceFlags, TraceId as OtelTraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks};

const CONNECTION: &str =
    "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:1/";
const BATCHES: [usize; 3] = [100, 512, 1000];
const ROUNDS: usize = 61;
/// Batches in the two counted runs.
const COUNTED: [usize; 2] = [3, 9];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Ours,
    OursBest,
    OursFromSpans,
    Theirs,
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Ours, "ours"),
    (Kind::OursBest, "ours, best compression"),
    (Kind::OursFromSpans, "ours, from OpenTelemetry's spans"),
    (Kind::Theirs, "opentelemetry-application-insights"),
];

/// A request to a shop.
struct Head {
    path: String,
    user_agent: &'static str,
}

const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

impl RequestHead for Head {
    fn method(&self) -> &str {
        "GET"
    }
    fn path(&self) -> &str {
        &self.path
    }
    fn query(&self) -> Option<&str> {
        Some("page=2")
    }
    fn scheme(&self) -> Option<&str> {
        Some("https")
    }
    fn host(&self) -> Option<&[u8]> {
        Some(b"shop.example")
    }
    fn route(&self) -> Option<&str> {
        Some("/users/{id}")
    }
    fn user_agent(&self) -> Option<&[u8]> {
        Some(self.user_agent.as_bytes())
    }
    fn peer(&self) -> Option<std::net::SocketAddr> {
        Some(([203, 0, 113, 7], 40_000).into())
    }
    fn version(&self) -> HttpVersion {
        HttpVersion::Http11
    }
    fn header(&self, _: Header) -> impl Iterator<Item = &[u8]> {
        std::iter::empty()
    }
}

fn record(n: usize) -> RequestRecord {
    let head = Head { path: format!("/users/{}", n * 7919 % 100_000), user_agent: USER_AGENT };
    let mut record = RequestRecord::new(TraceContext::root(), Some(SpanId::random()), SamplingRate::ALL, &head);
    record.set_start(SystemTime::now());
    record.set_end(Duration::from_micros(700 + (n * 37 % 5000) as u64), Some(200), Outcome::Completed);
    record
}

fn span(n: usize) -> SpanData {
    let record = record(n);
    let context = record.context();
    SpanData {
        span_context: SpanContext::new(
            OtelTraceId::from_bytes(context.trace_id().to_bytes()),
            OtelSpanId::from_bytes(context.span_id().to_bytes()),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: OtelSpanId::from_bytes(record.parent().expect("a parent").to_bytes()),
        parent_span_is_remote: true,
        span_kind: SpanKind::Server,
        name: "GET /users/{id}".into(),
        start_time: record.start(),
        end_time: record.start() + record.duration(),
        attributes: vec![
            KeyValue::new("http.request.method", "GET"),
            KeyValue::new("url.scheme", "https"),
            KeyValue::new("url.path", record.path().into_owned()),
            KeyValue::new("url.query", "page=2"),
            KeyValue::new("server.address", "shop.example"),
            KeyValue::new("http.route", "/users/{id}"),
            KeyValue::new("http.response.status_code", 200),
            KeyValue::new("client.address", "203.0.113.7"),
            KeyValue::new("user_agent.original", USER_AGENT),
        ],
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("bench").build(),
    }
}

/// An HTTP client that keeps the length of a body and responds with 200.
struct Sink(Arc<AtomicUsize>);

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

/// Encodes a batch whose input exists already, and returns the time and the length of the body.
type Run = Box<dyn FnOnce() -> (Duration, usize)>;

/// Creates the input of one batch.
fn prepare(kind: Kind, size: usize) -> Run {
    let resource = Resource::parse("service.name=shop,service.version=1.2.3").expect("a resource");
    let connection: ConnectionString = CONNECTION.parse().expect("a connection string");
    match kind {
        Kind::Ours | Kind::OursBest => {
            let records: Vec<_> = (0..size).map(|n| TelemetryItem::from(record(n))).collect();
            let compression = if kind == Kind::Ours { Compression::Fast } else { Compression::Best };
            let exporter = AzureExporter::new(&connection, &resource).expect("an exporter");
            let exporter = exporter.with_compression(compression);
            Box::new(|| encode(exporter, || records.into_iter()))
        }
        Kind::OursFromSpans => {
            let spans: Vec<_> = (0..size).map(span).collect();
            let exporter = AzureExporter::new(&connection, &resource).expect("an exporter");
            let resource = Arc::new(resource);
            Box::new(move || {
                let items = spans.into_iter().flat_map(|span| PipelineSpanExporter::telemetry_items(span, &resource));
                encode(exporter, || items)
            })
        }
        Kind::Theirs => theirs((0..size).map(span).collect()),
    }
}

fn theirs(spans: Vec<SpanData>) -> Run {
    let bytes = Arc::new(AtomicUsize::new(0));
    let client = Sink(Arc::clone(&bytes));
    let mut exporter = opentelemetry_application_insights::Exporter::new_from_connection_string(CONNECTION, client)
        .expect("an exporter");
    let name = KeyValue::new("service.name", "shop");
    exporter.set_resource(&opentelemetry_sdk::Resource::builder_empty().with_attribute(name).build());
    Box::new(move || {
        let begun = Instant::now();
        futures_executor::block_on(exporter.export(spans)).expect("it exports");
        (begun.elapsed(), bytes.load(Ordering::Relaxed))
    })
}

fn encode<I: Iterator<Item = TelemetryItem>>(
    mut exporter: AzureExporter,
    items: impl FnOnce() -> I,
) -> (Duration, usize) {
    let mut batch = Batch::default();
    let begun = Instant::now();
    for mut item in items() {
        exporter.split(&mut item);
        exporter.encode(item, &mut batch).expect("an item that can be encoded");
    }
    let body = exporter.body(&batch).expect("it is compressed");
    (begun.elapsed(), body.len())
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, mode, name, size, batches] = arguments.as_slice() {
        counted(mode == "--whole", name, number(size), number(batches));
    }
    println!("\n{:<40} {:>6} {:>10} {:>10} {:>12}", "an item of a batch of", "", "µs", "bytes", "allocations");
    for size in BATCHES {
        for (kind, name) in KINDS {
            let mut times: Vec<_> = (0..ROUNDS).map(|_| prepare(kind, size)()).collect();
            times.sort();
            let (time, bytes) = times[ROUNDS / 2];
            let allocations = allocations(name, size).map_or("-".to_owned(), |count| format!("{count:.2}"));
            let (time, bytes) = (time.as_secs_f64() * 1e6 / size as f64, bytes as f64 / size as f64);
            println!("{name:<40} {size:>6} {time:>10.2} {bytes:>10.1} {allocations:>12}");
        }
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

/// The run that valgrind counts: batches of a case, or only the creation of their input.
fn counted(whole: bool, name: &str, size: usize, batches: usize) -> ! {
    let kind = KINDS.into_iter().find(|(_, known)| *known == name).expect("a case").0;
    for _ in 0..batches {
        let run = prepare(kind, size);
        if whole {
            run();
        }
    }
    // Exits without destructors, which would be counted.
    std::process::exit(0);
}

/// Allocations per item, without those that create the input.
fn allocations(name: &str, size: usize) -> Option<f64> {
    let run = |mode: &str, batches: usize| {
        let arguments = [mode.to_owned(), name.to_owned(), size.to_string(), batches.to_string()];
        valgrind::count(valgrind::Count::Allocations, &arguments)
    };
    let of_batch = |mode| {
        let [short, long] = COUNTED;
        Some((run(mode, long)? - run(mode, short)?) / (long - short) as f64)
    };
    Some((of_batch("--whole")? - of_batch("--input")?) / size as f64)
}
