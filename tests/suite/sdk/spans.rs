//! Spans of the SDK below requests: parent, operation, decision and rate.

use std::sync::Mutex;

use opencensus::core::SpanKind as Kind;
use opencensus::opentelemetry::{PipelineSpanExporter, PipelineSpanProcessor, tracer_provider};
use opencensus::sampling::SamplerSetting;
use opencensus::{Settings, Telemetry};
use opentelemetry::trace::{
    FutureExt as _, Span as _, SpanKind, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::handled::{OPERATION, failures, flush, handle, names, none, rate};
use crate::support::{SettingsExt as _, in_memory, quick};
use test_support::TIMEOUT;

fn tracer(telemetry: &Telemetry) -> SdkTracer {
    tracer_provider(telemetry).tracer("shop")
}

#[tokio::test]
async fn span_below_a_kept_request_has_its_parent_its_operation_and_its_rate() {
    // So close to 1 that the trace is kept.
    let share = rate(1.0 - 1e-12);
    let (telemetry, exporter) = in_memory(Settings::default().with_sampler(SamplerSetting::Share(share)));
    let tracer = tracer(&telemetry);
    handle(&telemetry, 200, || async { tracer.in_span("reserve", |_| {}) }).await;
    flush(&telemetry).await;
    let (request, span) = (exporter.requests().remove(0), exporter.spans().remove(0));
    assert_eq!(span.parent, Some(request.context().span_id()));
    assert_eq!(span.context.trace_id(), request.context().trace_id());
    assert!(span.context.flags().is_sampled());
    assert_eq!((span.operation.as_deref(), span.rate), (Some(OPERATION), Some(share)));
    assert!(span.resource.is_none(), "the exporter's own process recorded it");
}

#[tokio::test]
async fn span_below_a_request_that_is_not_kept_is_not_recorded() {
    for settings in [none(), Settings::default().with_blacklist_paths(["/chairs"])] {
        let (telemetry, exporter) = in_memory(settings);
        let tracer = tracer(&telemetry);
        handle(&telemetry, 500, || async {
            let span = tracer.start("reserve");
            assert!(!span.is_recording() && !span.span_context().is_sampled());
        })
        .await;
        flush(&telemetry).await;
        assert!(exporter.items().is_empty(), "{:?}", exporter.items());
    }
}

#[tokio::test]
async fn failure_that_is_kept_at_its_end_has_its_spans_and_a_success_has_none() {
    let (telemetry, exporter) = in_memory(failures());
    let tracer = tracer(&telemetry);
    for status in [200, 500] {
        handle(&telemetry, status, || async {
            tracer.in_span("outer", |_| tracer.in_span("inner", |context| assert!(context.span().is_recording())));
        })
        .await;
    }
    flush(&telemetry).await;
    assert_eq!((exporter.requests().len(), names(&exporter)), (1, vec!["inner".to_owned(), "outer".to_owned()]));
    let spans = exporter.spans();
    assert_eq!(spans[0].parent, Some(spans[1].context.span_id()));
    assert_eq!(spans[1].parent, Some(exporter.requests()[0].context().span_id()));
    assert!(spans.iter().all(|span| span.rate == Some(rate(1.0)) && span.operation.as_deref() == Some(OPERATION)));
    assert_eq!(telemetry.stats().items_sampled_out, 2);
}

#[tokio::test]
async fn failure_with_more_spans_than_fit_has_none_and_they_are_counted() {
    let (telemetry, exporter) = in_memory(failures().with(|settings| settings.limits.request_items = 3));
    let tracer = tracer(&telemetry);
    handle(&telemetry, 500, || async { (0..5).for_each(|_| tracer.in_span("reserve", |_| {})) }).await;
    flush(&telemetry).await;
    assert_eq!((exporter.requests().len(), exporter.spans().len(), telemetry.stats().items_cut), (1, 0, 5));
}

#[tokio::test]
async fn discarded_request_takes_its_later_spans_with_it() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let tracer = tracer(&telemetry);
    handle(&telemetry, 200, || async {
        let open = tracer.start("open");
        opencensus::RequestTelemetry::current().discard();
        assert!(!tracer.start("after").is_recording());
        drop(open);
    })
    .await;
    flush(&telemetry).await;
    assert!(exporter.items().is_empty(), "{:?}", exporter.items());
}

#[tokio::test]
async fn late_span_of_a_failure_is_kept_and_one_of_a_success_is_not() {
    let (telemetry, exporter) = in_memory(failures());
    let tracer = tracer(&telemetry);
    for (status, name) in [(200, "of the success"), (500, "of the failure")] {
        let context = Mutex::new(Context::new());
        handle(&telemetry, status, || async { *context.lock().unwrap() = Context::current() }).await;
        tracer.start_with_context(name, &context.into_inner().unwrap()).end();
    }
    flush(&telemetry).await;
    assert_eq!(names(&exporter), ["of the failure"]);
}

/// Records spans in a task, a blocking task and a thread, with the context of the request.
async fn record_elsewhere(tracer: &SdkTracer) {
    let in_task = tracer.clone();
    let task = async move {
        assert!(opencensus::RequestSpan::current().is_none());
        in_task.in_span("task", |_| in_task.in_span("in the task", |_| {}));
    };
    tokio::spawn(task.with_current_context()).await.unwrap();
    let (in_thread, context) = (tracer.clone(), Context::current());
    let blocking = tokio::task::spawn_blocking(move || {
        let _attached = context.attach();
        in_thread.in_span("blocking", |_| {});
    });
    blocking.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_in_other_tasks_follow_the_request_of_their_context() {
    for (settings, status, is_kept) in
        [(Settings::default(), 200, true), (none(), 500, false), (failures(), 500, true), (failures(), 200, false)]
    {
        let (telemetry, exporter) = in_memory(settings);
        let tracer = tracer(&telemetry);
        handle(&telemetry, status, || record_elsewhere(&tracer)).await;
        flush(&telemetry).await;
        let expected = if is_kept { vec!["in the task", "task", "blocking"] } else { vec![] };
        assert_eq!(names(&exporter), expected, "{status}");
        assert!(exporter.spans().iter().all(|span| span.operation.as_deref() == Some(OPERATION)));
    }
}

#[tokio::test]
async fn span_that_begins_after_its_parent_has_ended_follows_the_request() {
    let (telemetry, exporter) = in_memory(failures());
    let tracer = tracer(&telemetry);
    let parent = Mutex::new(Context::new());
    handle(&telemetry, 500, || async {
        let context = Context::current_with_span(tracer.start("parent"));
        context.span().end();
        *parent.lock().unwrap() = context;
    })
    .await;
    tracer.start_with_context("child", &parent.into_inner().unwrap()).end();
    flush(&telemetry).await;
    assert_eq!(names(&exporter), ["parent", "child"]);
}

#[tokio::test]
async fn request_inside_of_a_request_has_its_own_spans() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let tracer = &tracer(&telemetry);
    let inner = telemetry.clone();
    let inner = &inner;
    handle(&telemetry, 200, || async move {
        tracer.in_span("outer", |_| {});
        handle(inner, 200, || async move { tracer.in_span("inner", |_| {}) }).await;
    })
    .await;
    flush(&telemetry).await;
    let (requests, spans) = (exporter.requests(), exporter.spans());
    assert_eq!(names(&exporter), ["outer", "inner"]);
    assert_eq!(spans[1].parent, Some(requests[0].context().span_id()));
    assert_eq!(spans[0].parent, Some(requests[1].context().span_id()));
}

#[tokio::test]
async fn spans_outside_of_requests_are_sampled_as_the_settings_say() {
    for (share, count) in [(0.0, 0..1), (0.5, 60..141), (1.0, 200..201)] {
        let settings = Settings::default().with_sampler(SamplerSetting::Share(rate(share)));
        let (telemetry, exporter) = in_memory(settings);
        let tracer = tracer(&telemetry);
        for _ in 0..100 {
            tracer.in_span("consume", |_| tracer.in_span("store", |_| {}));
        }
        flush(&telemetry).await;
        let spans = exporter.spans();
        assert!(count.contains(&spans.len()) && spans.len() % 2 == 0, "{share}: {}", spans.len());
        assert!(spans.iter().all(|span| span.rate == Some(rate(share))), "{share}");
    }
}

#[tokio::test]
async fn server_span_of_another_middleware_is_no_second_request() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let batch = PipelineSpanExporter::new(telemetry.pipeline().unwrap().clone());
    let of_user = SdkTracerProvider::builder().with_batch_exporter(batch).build();
    for provider in [tracer_provider(&telemetry), of_user] {
        let tracer = &provider.tracer("shop");
        handle(&telemetry, 200, || async move {
            let context =
                Context::current_with_span(tracer.span_builder("GET").with_kind(SpanKind::Server).start(tracer));
            tracer.span_builder("in process").with_kind(SpanKind::Server).start_with_context(tracer, &context);
        })
        .await;
        provider.force_flush().unwrap();
        flush(&telemetry).await;
        let kinds: Vec<_> = exporter.spans().into_iter().map(|span| (span.name, span.kind, span.operation)).collect();
        let operation = Some(OPERATION.into());
        let expected = [("in process", Kind::Server, operation.clone()), ("GET", Kind::Internal, operation)];
        assert_eq!(kinds, expected.map(|(name, kind, operation)| (name.into(), kind, operation)));
        exporter.clear();
    }
}

#[tokio::test]
async fn sampler_of_the_user_cannot_keep_what_the_request_drops() {
    let (telemetry, exporter) = in_memory(none());
    let processor = PipelineSpanProcessor::new(telemetry.pipeline().unwrap());
    // The SDK's default sampler keeps every root.
    let provider = SdkTracerProvider::builder()
        .with_sampler(opentelemetry_sdk::trace::Sampler::AlwaysOn)
        .with_span_processor(processor)
        .build();
    handle(&telemetry, 500, || async { provider.tracer("shop").in_span("reserve", |_| {}) }).await;
    flush(&telemetry).await;
    assert!(exporter.spans().is_empty());
    assert_eq!(telemetry.stats().items_sampled_out, 1);
}

#[tokio::test]
async fn spans_go_to_the_pipeline_of_their_request() {
    let [(first, of_first), (second, of_second)] = [(); 2].map(|()| in_memory(Settings::default()));
    let tracer = tracer(&first);
    handle(&first, 200, || async { tracer.in_span("of the first", |_| {}) }).await;
    handle(&second, 200, || async { tracer.in_span("of the second", |_| {}) }).await;
    tracer.in_span("of none", |_| {});
    flush(&first).await;
    flush(&second).await;
    assert_eq!(names(&of_first), ["of the first", "of none"]);
    assert_eq!(names(&of_second), ["of the second"]);
    assert_eq!(of_second.spans()[0].parent, Some(of_second.requests()[0].context().span_id()));
}

#[tokio::test]
async fn provider_that_outlives_the_telemetry_records_nothing_and_does_not_keep_it_running() {
    let (telemetry, exporter) = in_memory(Settings::default().with(|settings| settings.limits = quick()));
    let provider = tracer_provider(&telemetry);
    let tracer = provider.tracer("shop");
    let open = tracer.start("open");
    tracer.in_span("before", |_| {});
    drop(telemetry);
    assert_eq!(names(&exporter), ["before"], "the last handle has sent it");
    drop(open);
    tracer.in_span("after", |_| {});
    provider.force_flush().unwrap();
    provider.shutdown().unwrap();
    assert_eq!(names(&exporter), ["before"]);
    let disabled = tracer_provider(&Telemetry::disabled());
    assert!(!disabled.tracer("shop").start("nothing").is_recording());
}

#[tokio::test]
async fn flush_of_the_provider_sends_the_spans() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let provider = tracer_provider(&telemetry);
    let span = provider.tracer("shop").span_builder("SELECT").with_kind(SpanKind::Client);
    span.with_attributes([KeyValue::new("db.system.name", "sqlite")]).start(&provider.tracer("shop")).end();
    provider.force_flush().unwrap();
    assert_eq!(names(&exporter), ["SELECT"]);
    assert_eq!(exporter.spans()[0].attributes.len(), 1);
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
}
