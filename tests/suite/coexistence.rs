//! The middleware coexists with other tracing and logging crates.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use http_body_util::BodyExt;
use opencensus::{OpenCensusLayer, Settings, Telemetry};
use opencensus_core::Resource;
use opencensus_opentelemetry::OpenTelemetryExporter;
use opencensus_portal::{Filter, Portal};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData, SpanExporter};
use tower::ServiceExt;
use tower_http::trace::TraceLayer;
use tracing::{Dispatch, Event, Subscriber, dispatcher};
use tracing_subscriber::fmt::format::{DefaultFields, Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use crate::support::{SettingsExt as _, ended, in_memory};
use test_support::TIMEOUT;
use test_support::captured::Captured;
use test_support::process::run_test;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn request() -> Request<Body> {
    let traceparent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    Request::get("/users/7").header("traceparent", traceparent).body(Body::empty()).unwrap()
}

fn shop(telemetry: &Telemetry) -> Router {
    let handler = || async {
        tracing::info_span!("look up").in_scope(|| tracing::info!("a line"));
        "hello"
    };
    Router::new().route("/users/{id}", get(handler)).layer(OpenCensusLayer::new(telemetry.clone()))
}

async fn call(app: Router) {
    app.oneshot(request()).await.unwrap().into_body().collect().await.unwrap();
}

/// The formatter from the documentation: every line of a request begins with its trace id.
struct WithTraceId<F>(F);

impl<S, N, F> FormatEvent<S, N> for WithTraceId<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> std::fmt::Result {
        if let Some(context) = opencensus::RequestTelemetry::current().context() {
            write!(writer, "{} ", context.trace_id())?;
        }
        self.0.format_event(ctx, writer, event)
    }
}

/// A layer that writes every event to `lines`.
fn fmt(lines: &Captured) -> impl tracing_subscriber::Layer<tracing_subscriber::Registry> + use<> {
    tracing_subscriber::fmt::layer()
        .fmt_fields(DefaultFields::new())
        .event_format(WithTraceId(Format::default().without_time().with_ansi(false)))
        .with_writer({
            let lines = lines.clone();
            move || lines.clone()
        })
}

#[tokio::test]
async fn every_line_of_a_request_carries_its_trace_id() {
    for with_context in [true, false] {
        let lines = Captured::default();
        let subscriber = tracing_subscriber::registry().with(fmt(&lines));
        let _default = dispatcher::set_default(&Dispatch::new(subscriber));
        let (telemetry, exporter) =
            in_memory(Settings::default().with(|s| s.trace.opentelemetry_context = with_context));
        tracing::info!("outside");
        call(shop(&telemetry)).await;
        assert_eq!(ended(&telemetry, &exporter, 1).await.len(), 1);
        let text = lines.text();
        let line = text.lines().find(|line| line.ends_with("a line")).expect("the line");
        assert!(line.starts_with(TRACE), "{line}");
        assert!(text.lines().any(|line| line.ends_with("outside") && !line.starts_with(TRACE)), "{text}");
    }
}

#[tokio::test]
async fn spans_of_tracing_are_children_of_the_request() {
    let spans = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(spans.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("shop"));
    let _default = dispatcher::set_default(&Dispatch::new(tracing_subscriber::registry().with(layer)));
    let (telemetry, exporter) = in_memory(Settings::default());
    call(shop(&telemetry)).await;
    let record = ended(&telemetry, &exporter, 1).await.remove(0);
    let spans = spans.get_finished_spans().unwrap();
    assert_eq!(spans.iter().map(|span| &*span.name).collect::<Vec<_>>(), ["look up"]);
    assert_eq!(spans[0].parent_span_id.to_string(), record.context().span_id().to_string());
    assert_eq!(spans[0].span_context.trace_id().to_string(), TRACE);
}

#[tokio::test]
async fn another_tracing_middleware_outside_or_inside_leaves_one_row_of_one_trace() {
    let spans = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(spans.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("shop"));
    let _default = dispatcher::set_default(&Dispatch::new(tracing_subscriber::registry().with(layer)));
    for is_outside in [true, false] {
        let (telemetry, exporter) = in_memory(Settings::default());
        let ours = OpenCensusLayer::new(telemetry.clone());
        let theirs = TraceLayer::new_for_http().make_span_with(|_: &Request<Body>| tracing::info_span!("theirs"));
        let routes = Router::new().route("/users/{id}", get(|| async { "hello" }));
        call(if is_outside { routes.layer(ours).layer(theirs) } else { routes.layer(theirs).layer(ours) }).await;
        let record = ended(&telemetry, &exporter, 1).await.remove(0);
        assert_eq!((record.name(), record.context().trace_id().to_string()), ("GET /users/{id}".into(), TRACE.into()));
        let theirs = spans.get_finished_spans().unwrap();
        assert_eq!(theirs.len(), 1, "outside: {is_outside}");
        if !is_outside {
            assert_eq!(theirs[0].parent_span_id.to_string(), record.context().span_id().to_string());
        }
        spans.reset();
    }
}

const CHILD: &str = "EXPORTER_UNDER_A_GLOBAL_SUBSCRIBER";

/// Runs in a child process, because the events of the exporter's thread reach only the global subscriber.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let lines = Captured::default();
    let spans = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(spans.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("shop"));
    let portal = Portal::start().unwrap();
    dispatcher::set_global_default(Dispatch::new(tracing_subscriber::registry().with(fmt(&lines)).with(layer)))
        .unwrap();
    let settings =
        Settings::default().with_store(false).with_connection_string(portal.connection_string().parse().unwrap());
    let telemetry = settings.start().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(call(shop(&telemetry)));
    assert!(telemetry.shutdown(TIMEOUT).wait().complete);
    assert_eq!(runtime.block_on(portal.count(Filter::requests())).unwrap().0, 1);
    let names: Vec<_> = spans.get_finished_spans().unwrap().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["look up"]);
    let text = lines.text();
    assert!(text.lines().any(|line| line.ends_with("a line")), "{text}");
    let others = text.lines().filter(|line| !line.ends_with("a line") && !line.contains("telemetry is on"));
    assert_eq!(others.count(), 0, "{text}");
}

/// The exporter's own calls, connections and retries reach no subscriber.
#[test]
fn exporter_emits_no_log_line_and_no_span_at_any_level() {
    run_test("coexistence::child", &[(CHILD, "1")]);
}

#[tokio::test]
async fn additional_exporter_receives_every_request() {
    let spans = InMemorySpanExporter::default();
    let portal = Portal::start().unwrap();
    let settings =
        Settings::default().with_store(false).with_connection_string(portal.connection_string().parse().unwrap());
    let other = OpenTelemetryExporter::new(KeptAfterShutdown(spans.clone()), &Resource::default());
    let (telemetry, other) = settings.start_with_additional(other).unwrap();
    for _ in 0..20 {
        call(shop(&telemetry)).await;
    }
    let report = telemetry.shutdown(TIMEOUT).await;
    assert!(report.complete && report.stats.delivered == 20, "{report:?}");
    // The first shutdown ended both pipelines.
    let stats = other.stats();
    assert!(stats.delivered == 20 && stats.balances(), "{stats:?}");
    assert_eq!(portal.count(Filter::requests()).await.unwrap().0, 20);
    let spans = spans.get_finished_spans().unwrap();
    assert!(spans.len() == 20 && spans.iter().all(|span| span.name == "GET /users/{id}"), "{}", spans.len());
}

/// OpenTelemetry's in-memory exporter, without the reset at its shutdown.
#[derive(Debug)]
struct KeptAfterShutdown(InMemorySpanExporter);

impl SpanExporter for KeptAfterShutdown {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        self.0.export(batch)
    }
}
