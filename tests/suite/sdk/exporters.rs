//! The exporters for providers of the application: spans and log records follow their request from another thread.

use std::time::Duration;

use opencensus::opentelemetry::{PipelineLogExporter, PipelineSpanExporter};
use opencensus::sampling::SamplerSetting;
use opencensus::{Settings, Telemetry};
use opencensus_core::TraceContext;
use opencensus_portal::{Filter, Portal};
use opentelemetry::Context;
use opentelemetry::logs::{LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry::trace::{SpanKind, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use super::handled::{OPERATION, failures, flush, handle, names, none, rate};
use crate::support::{SettingsExt as _, in_memory, quick};
use test_support::TIMEOUT;

fn spans(telemetry: &Telemetry) -> SdkTracerProvider {
    let exporter = PipelineSpanExporter::new(telemetry.pipeline().unwrap().clone());
    SdkTracerProvider::builder().with_batch_exporter(exporter).build()
}

fn logs(exporter: PipelineLogExporter) -> SdkLoggerProvider {
    SdkLoggerProvider::builder().with_batch_exporter(exporter).build()
}

fn log_exporter(telemetry: &Telemetry) -> PipelineLogExporter {
    PipelineLogExporter::new(telemetry.pipeline().unwrap().clone())
}

fn log(provider: &SdkLoggerProvider, text: &'static str) {
    let logger = provider.logger("shop");
    let mut record = logger.create_log_record();
    record.set_body(text.into());
    record.set_severity_number(Severity::Warn);
    logger.emit(record);
}

/// So close to 1 that the trace is kept.
fn below_1() -> f64 {
    1.0 - 1e-12
}

#[tokio::test]
async fn spans_of_a_batch_have_the_operation_and_the_rate_of_their_request() {
    let settings = Settings::default().with_sampler(SamplerSetting::Share(rate(below_1())));
    let (telemetry, exporter) = in_memory(settings);
    let provider = spans(&telemetry);
    let tracer = provider.tracer("shop");
    handle(&telemetry, 200, || async {
        tracer.in_span("outer", |_| tracer.in_span("inner", |_| {}));
    })
    .await;
    provider.shutdown().unwrap();
    flush(&telemetry).await;
    assert_eq!(names(&exporter), ["inner", "outer"]);
    for span in exporter.spans() {
        assert_eq!((span.operation.as_deref(), span.rate), (Some(OPERATION), Some(rate(below_1()))));
    }
}

#[tokio::test]
async fn exported_span_of_a_request_that_is_not_kept_is_dropped_and_counted() {
    for (settings, status, is_kept) in [(none(), 500, false), (failures(), 200, false), (failures(), 500, true)] {
        let (telemetry, exporter) = in_memory(settings);
        let sampler = Sampler::AlwaysOn;
        let spans = PipelineSpanExporter::new(telemetry.pipeline().unwrap().clone());
        let provider = SdkTracerProvider::builder().with_sampler(sampler).with_batch_exporter(spans).build();
        handle(&telemetry, status, || async { provider.tracer("shop").in_span("reserve", |_| {}) }).await;
        provider.shutdown().unwrap();
        flush(&telemetry).await;
        assert_eq!(exporter.spans().len(), usize::from(is_kept), "{status}");
        assert_eq!(telemetry.stats().items_sampled_out, u64::from(!is_kept));
    }
}

#[tokio::test]
async fn exported_span_belongs_to_the_request_that_it_is_below_if_a_trace_has_several() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let provider = spans(&telemetry);
    let (tracer, telemetry) = (&provider.tracer("shop"), &telemetry);
    handle(telemetry, 200, || async {
        let context = Context::current();
        let tracer_of_inner = tracer;
        handle(telemetry, 500, || async move {
            opencensus::RequestSpan::current().unwrap().set_name("inner");
            tracer_of_inner.in_span("of the inner", |_| {});
        })
        .await;
        let _attached = context.attach();
        tracer.in_span("of the outer", |_| tracer.in_span("below it", |_| {}));
    })
    .await;
    provider.shutdown().unwrap();
    flush(telemetry).await;
    let operations: Vec<_> = exporter
        .spans()
        .into_iter()
        .map(|span| (span.name.into_owned(), span.operation.unwrap().into_owned()))
        .collect();
    let expected = [("of the inner", "inner"), ("below it", OPERATION), ("of the outer", OPERATION)];
    assert_eq!(operations, expected.map(|(name, operation)| (name.to_owned(), operation.to_owned())));
}

#[tokio::test]
async fn span_of_a_remote_parent_does_not_belong_to_a_request_of_the_same_trace() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let provider = spans(&telemetry);
    let tracer = provider.tracer("shop");
    handle(&telemetry, 200, || async {
        let request = Context::current().span().span_context().clone();
        let remote = opentelemetry::trace::SpanContext::new(
            request.trace_id(),
            opentelemetry::trace::SpanId::from(7),
            request.trace_flags(),
            true,
            request.trace_state().clone(),
        );
        let context = Context::new().with_remote_span_context(remote);
        tracer.span_builder("consume").with_kind(SpanKind::Consumer).start_with_context(&tracer, &context);
    })
    .await;
    provider.shutdown().unwrap();
    flush(&telemetry).await;
    assert_eq!(exporter.spans()[0].operation, None);
}

#[tokio::test]
async fn role_and_instance_are_those_of_the_exporter_unless_the_sdk_has_a_service_name() {
    for (service, role) in [(None, "shop"), (Some("stock"), "stock")] {
        let portal = Portal::start().unwrap();
        let settings = Settings::default().with_store(false).with(|settings| settings.limits = quick());
        let resource = opencensus_core::Resource::parse("service.name=shop,service.instance.id=shop-1").unwrap();
        let settings = settings.with(|settings| settings.resource = resource);
        let telemetry = settings.with_connection_string(portal.connection_string().parse().unwrap()).start().unwrap();
        let mut resource = opentelemetry_sdk::Resource::builder();
        if let Some(service) = service {
            resource = resource.with_service_name(service);
        }
        let exporter = PipelineSpanExporter::new(telemetry.pipeline().unwrap().clone());
        let provider =
            SdkTracerProvider::builder().with_resource(resource.build()).with_batch_exporter(exporter).build();
        handle(&telemetry, 200, || async { provider.tracer("shop").in_span("reserve", |_| {}) }).await;
        provider.shutdown().unwrap();
        assert!(telemetry.shutdown(TIMEOUT).await.complete);
        let items = portal.items(Filter::default().named("reserve"), 10).await.unwrap();
        let tags = &items[0].envelope()["tags"];
        assert_eq!((&tags["ai.cloud.role"], &tags["ai.cloud.roleInstance"]), (&role.into(), &"shop-1".into()));
        assert_eq!(tags["ai.operation.name"], OPERATION);
    }
}

#[tokio::test]
async fn log_records_of_a_batch_follow_their_request_unless_the_option_is_off() {
    const REQUESTS: usize = 40;
    let share = Settings::default().with_sampler(SamplerSetting::Share(rate(0.25)));
    for is_on in [true, false] {
        let (telemetry, exporter) = in_memory(share.clone());
        let provider = logs(log_exporter(&telemetry).with_request_sampling(is_on));
        log(&provider, "outside");
        for _ in 0..REQUESTS {
            handle(&telemetry, 200, || async { log(&provider, "low stock") }).await;
        }
        provider.shutdown().unwrap();
        flush(&telemetry).await;
        let (kept, messages) = (exporter.requests().len(), exporter.messages());
        let expected = if is_on { kept } else { REQUESTS };
        assert_eq!(messages.len(), 1 + expected, "{is_on}");
        let of_requests = messages.iter().filter(|message| message.message == "low stock");
        let (expected, operation) = if is_on { (rate(0.25), Some(OPERATION)) } else { (rate(1.0), None) };
        for message in of_requests {
            assert_eq!((message.origin.rate, message.origin.operation.as_deref()), (Some(expected), operation));
        }
        assert_eq!(telemetry.stats().items_sampled_out, if is_on { (REQUESTS - kept) as u64 } else { 0 });
    }
}

#[tokio::test]
async fn log_records_of_a_batch_wait_for_the_end_of_a_request_that_decides() {
    let (telemetry, exporter) = in_memory(failures());
    let provider = logs(log_exporter(&telemetry));
    for status in [200, 500] {
        handle(&telemetry, status, || async {
            log(&provider, "low stock");
            // The record is exported before the request has ended.
            let (provider, flushed) = (provider.clone(), Duration::from_secs(5));
            let flush = tokio::task::spawn_blocking(move || provider.force_flush());
            tokio::time::timeout(flushed, flush).await.unwrap().unwrap().unwrap();
        })
        .await;
    }
    provider.shutdown().unwrap();
    flush(&telemetry).await;
    let (messages, request) = (exporter.messages(), exporter.requests().remove(0));
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].origin.context.map(TraceContext::span_id), Some(request.context().span_id()));
}
