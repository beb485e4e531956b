//! Requests are OpenTelemetry contexts, and can be exported as OpenTelemetry spans.

use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::sampling::{SamplerSetting, SamplingRate};
use opencensus::{Attribute, OpenCensusLayer, Settings, SpanStatus};
use opencensus_core::Resource;
use opencensus_opentelemetry::OpenTelemetryExporter;
use opentelemetry::baggage::BaggageExt as _;
use opentelemetry::trace::{Span, SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{SettingsExt as _, ended, in_memory, quick};
use test_support::TIMEOUT;

/// An exporter that keeps spans. It fails `failures` times first, and uses tokio's timer if `uses_tokio`.
#[derive(Clone, Debug, Default)]
struct CollectingExporter {
    spans: Arc<Mutex<Vec<SpanData>>>,
    failures: Arc<Mutex<u32>>,
    log: Arc<Mutex<Vec<&'static str>>>,
    uses_tokio: bool,
}

impl SpanExporter for CollectingExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        if self.uses_tokio {
            // Without a runtime this would panic.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut failures = self.failures.lock().unwrap();
        if *failures > 0 {
            *failures -= 1;
            return Err(OTelSdkError::InternalFailure("not now".to_owned()));
        }
        self.spans.lock().unwrap().extend(batch);
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.log.lock().unwrap().push("shut down");
        Ok(())
    }
}

fn request() -> Request<()> {
    let builder = Request::get("/users/7").header("host", "shop.example:8080");
    builder.header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").body(()).unwrap()
}

/// Sends one request to a handler that is called with the context, in `call` and in `poll`.
async fn serve(settings: Settings, handler: impl Fn(&'static str) + Send + Sync) -> opencensus::RequestRecord {
    serve_request(request(), settings, handler).await
}

async fn serve_request(
    request: Request<()>,
    settings: Settings,
    handler: impl Fn(&'static str) + Send + Sync,
) -> opencensus::RequestRecord {
    let (telemetry, exporter) = in_memory(settings);
    let handler = &handler;
    let service = service_fn(|_: Request<()>| {
        handler("call");
        async move {
            tokio::task::yield_now().await;
            handler("poll");
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }
    });
    OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request).await.unwrap();
    ended(&telemetry, &exporter, 1).await.remove(0)
}

#[tokio::test]
async fn request_is_the_current_context_in_call_and_poll() {
    let contexts = Mutex::new(Vec::new());
    let record = serve(Settings::default(), |place| {
        let context = Context::current().span().span_context().clone();
        contexts.lock().unwrap().push((place, context));
    })
    .await;
    let contexts = contexts.into_inner().unwrap();
    assert_eq!(contexts.iter().map(|(place, _)| *place).collect::<Vec<_>>(), ["call", "poll"]);
    for (place, context) in contexts {
        assert_eq!(context.span_id().to_string(), record.context().span_id().to_string(), "{place}");
        assert_eq!(context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(context.is_sampled() && !context.is_remote());
    }
    assert!(!Context::current().has_active_span());
}

/// So close to 1 that the trace is kept.
fn below_1() -> SamplerSetting {
    SamplerSetting::Share(SamplingRate::try_from(1.0 - 1e-12).unwrap())
}

#[tokio::test]
async fn tracestate_of_the_context_has_a_rate_below_1_and_the_other_members() {
    const RATE: &str = "ot=th:00000000011978";
    for (sampler, incoming, outgoing) in [
        (SamplerSetting::AlwaysOn, "", ""),
        (SamplerSetting::AlwaysOn, "ot=th:0,oc=-:00f067aa0ba902b7", ""),
        (SamplerSetting::AlwaysOn, "a=1,b@c=2", "a=1,b@c=2"),
        (SamplerSetting::AlwaysOn, "a=1,ot=th:8", "ot=th:0,a=1"),
        // 14 characters of a system are valid for W3C, and not for OpenTelemetry.
        (SamplerSetting::AlwaysOn, "a=1,b@cccccccccccccc=2", "a=1"),
        (SamplerSetting::AlwaysOn, "A=1", ""),
        (below_1(), "", RATE),
        (below_1(), "a=1,oc=l:00f067aa0ba902b8,ot=rv:12;th:8", "ot=th:00000000011978;rv:12,a=1"),
    ] {
        let mut request = request();
        if !incoming.is_empty() {
            request.headers_mut().insert("tracestate", incoming.parse().unwrap());
        }
        let contexts = Mutex::new(Vec::new());
        serve_request(request, Settings::default().with_sampler(sampler), |_| {
            contexts.lock().unwrap().push(Context::current().span().span_context().trace_state().header());
        })
        .await;
        assert_eq!(contexts.into_inner().unwrap(), [outgoing, outgoing], "{incoming}");
    }
}

#[tokio::test]
async fn context_carries_the_callers_baggage_kept_or_not() {
    for sampler in [SamplerSetting::AlwaysOn, SamplerSetting::AlwaysOff] {
        let mut request = request();
        request.headers_mut().insert("baggage", "shop=blue%20one;p=1,bad value=2,tier=gold".parse().unwrap());
        let (telemetry, _) = in_memory(Settings::default().with_sampler(sampler));
        let service = service_fn(|_: Request<()>| {
            let context = Context::current();
            let (shop, metadata) = context.baggage().get_with_metadata("shop").unwrap();
            assert_eq!((shop.as_str(), metadata.as_str(), context.baggage().len()), ("blue one", "p=1", 2));
            ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
        });
        OpenCensusLayer::new(telemetry).layer(service).oneshot(request).await.unwrap();
    }
}

#[tokio::test]
async fn tracestate_of_an_exported_span_has_its_rate() {
    for (sampler, rate) in [(SamplerSetting::AlwaysOn, "th:0"), (below_1(), "th:00000000011978")] {
        let collected = CollectingExporter::default();
        let exporter = OpenTelemetryExporter::new(collected.clone(), &Resource::default());
        let telemetry =
            Settings::default().with_sampler(sampler).with(|s| s.limits = quick()).start_with(exporter).unwrap();
        let service = service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) });
        OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request()).await.unwrap();
        assert!(telemetry.shutdown(TIMEOUT).await.complete);
        assert_eq!(collected.spans.lock().unwrap()[0].span_context.trace_state().get("ot"), Some(rate));
    }
}

#[tokio::test]
async fn spans_of_any_tracer_are_children_of_the_request() {
    let collected = CollectingExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(collected.clone()).build();
    let tracer = provider.tracer("shop");
    let record = serve(Settings::default(), |place| tracer.start(place).end()).await;
    let spans = collected.spans.lock().unwrap();
    assert_eq!(spans.len(), 2);
    for span in spans.iter() {
        assert_eq!(span.parent_span_id.to_string(), record.context().span_id().to_string());
        assert_eq!(span.span_context.trace_id().to_string(), record.context().trace_id().to_string());
    }
}

#[tokio::test]
async fn current_span_can_be_written_but_not_ended() {
    let record = serve(Settings::default(), |place| {
        let context = Context::current();
        let span = context.span();
        span.set_attribute(KeyValue::new(place, 7));
        if place == "call" {
            span.end();
            return;
        }
        span.add_event("cache miss", vec![KeyValue::new("key", "k")]);
        span.set_status(Status::error("out of stock"));
        span.update_name("buy");
        assert!(span.is_recording());
    })
    .await;
    assert_eq!(record.attributes(), [Attribute::new("call", 7), Attribute::new("poll", 7)]);
    assert_eq!((record.events()[0].name.as_ref(), record.events()[0].attributes.len()), ("cache miss", 1));
    assert_eq!(*record.span_status(), SpanStatus::Error("out of stock".into()));
    assert_eq!(record.name(), "buy");
}

#[tokio::test]
async fn children_of_a_blacklisted_request_are_not_recorded_and_keep_the_trace() {
    let collected = CollectingExporter::default();
    let sampler = Sampler::ParentBased(Box::new(Sampler::AlwaysOn));
    let provider = SdkTracerProvider::builder().with_sampler(sampler).with_simple_exporter(collected.clone()).build();
    let tracer = provider.tracer("shop");
    let (telemetry, _exporter) = in_memory(Settings::default().with_blacklist_paths(["/users"]));
    let service = service_fn(|_: Request<()>| {
        let child = tracer.start("child");
        assert_eq!(child.span_context().trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(!child.span_context().is_sampled());
        std::future::ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
    });
    OpenCensusLayer::new(telemetry).layer(service).oneshot(request()).await.unwrap();
    assert!(collected.spans.lock().unwrap().is_empty());
}

#[tokio::test]
async fn context_is_unchanged_if_the_setting_is_off() {
    serve(Settings::default().with(|s| s.trace.opentelemetry_context = false), |_| {
        assert!(!Context::current().has_active_span());
        assert!(opencensus::RequestSpan::current().is_some());
    })
    .await;
}

/// Exports one request with this exporter.
async fn export_with(exporter: impl SpanExporter + 'static) -> opencensus::stats::Report {
    let resource = Resource::parse("service.name=shop").unwrap();
    let settings = Settings::default().with(|s| s.limits = quick()).with(|s| s.privacy.mask_client_address = true);
    let telemetry = settings.start_with(OpenTelemetryExporter::new(exporter, &resource)).unwrap();
    let service = service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) });
    OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request()).await.unwrap();
    telemetry.shutdown(TIMEOUT).await
}

#[tokio::test]
async fn any_span_exporter_can_export_requests() {
    let report = export_with(opentelemetry_stdout::SpanExporter::default()).await;
    assert!(report.complete && report.stats.delivered == 1, "{report:?}");
}

#[tokio::test]
async fn span_exporter_receives_stable_attributes_retries_and_a_shutdown() {
    let collected =
        CollectingExporter { failures: Arc::new(Mutex::new(3)), uses_tokio: true, ..CollectingExporter::default() };
    let report = export_with(collected.clone()).await;
    assert_eq!((report.stats.delivered, report.stats.retried), (1, 3), "{report:?}");
    let spans = collected.spans.lock().unwrap();
    let span = &spans[0];
    assert_eq!((span.span_kind.clone(), span.name.as_ref()), (SpanKind::Server, "GET"));
    assert_eq!(span.parent_span_id.to_string(), "00f067aa0ba902b7");
    assert!(span.parent_span_is_remote);
    let attribute = |key: &str| {
        let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
        found.map(|attribute| attribute.value.to_string())
    };
    assert_eq!(attribute("http.request.method").as_deref(), Some("GET"));
    assert_eq!(attribute("url.path").as_deref(), Some("/users/7"));
    assert_eq!(attribute("server.address").as_deref(), Some("shop.example"));
    assert_eq!(attribute("server.port").as_deref(), Some("8080"));
    assert_eq!(attribute("http.response.status_code").as_deref(), Some("200"));
    assert_eq!(attribute("http.route"), None);
    assert_eq!(*collected.log.lock().unwrap(), ["shut down"]);
}
