//! Log records at once, and lines that are both events of spans and log records.

use std::io;

use opencensus::core::Severity;
use opencensus::opentelemetry::{
    PipelineLogExporter, PipelineLogProcessor, PipelineSpanExporter, SdkLoggerProvider, SdkTracerProvider,
    logger_provider, tracer_provider,
};
use opencensus::sampling::SamplerSetting;
use opencensus::{InMemoryExporter, Settings, Telemetry};
use opentelemetry::trace::{FutureExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use tracing::{Dispatch, Level, dispatcher};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

use super::handled::{OPERATION, failures, flush, handle, none, rate};
use crate::support::in_memory;

/// A subscriber whose lines become events of spans and log records, each if there is a provider. Records have at least this
/// level.
fn subscriber(spans: Option<&SdkTracerProvider>, logs: Option<&SdkLoggerProvider>, level: Level) -> Dispatch {
    let spans = spans.map(|spans| tracing_opentelemetry::layer().with_tracer(spans.tracer("shop")));
    let logs = logs.map(|logs| OpenTelemetryTracingBridge::new(logs).with_filter(LevelFilter::from_level(level)));
    Dispatch::new(tracing_subscriber::registry().with(spans).with(logs))
}

/// Logs a line below the request, and four in a span.
fn log() {
    tracing::info!("outside of the span");
    tracing::info_span!("reserve").in_scope(|| {
        tracing::info!(chair = 7, "low stock");
        tracing::info!("low stock");
        let error = io::Error::other("no more chairs");
        tracing::error!(error = &error as &(dyn std::error::Error + 'static), "could not reserve");
        tracing::warn!(error = %error);
    });
}

/// The texts of messages and exceptions, sorted.
fn texts(exporter: &InMemoryExporter) -> Vec<String> {
    let messages = exporter.messages().into_iter().map(|message| message.message.into_owned());
    let exceptions = exporter.exceptions().into_iter().map(|error| error.message.unwrap().into_owned());
    let mut texts: Vec<_> = messages.chain(exceptions).collect();
    texts.sort();
    texts
}

#[tokio::test]
async fn line_in_a_span_is_one_item_whether_one_layer_has_it_or_both() {
    for (with_spans, with_logs, count) in [(true, true, 5), (true, false, 4), (false, true, 5)] {
        let (telemetry, exporter) = in_memory(Settings::default());
        let (spans, logs) = (tracer_provider(&telemetry), logger_provider(&telemetry));
        let (spans, logs) = (Some(spans).filter(|_| with_spans), Some(logs).filter(|_| with_logs));
        let _default = dispatcher::set_default(&subscriber(spans.as_ref(), logs.as_ref(), Level::TRACE));
        handle(&telemetry, 200, || async { log() }).await;
        flush(&telemetry).await;
        assert_eq!(texts(&exporter).len(), count, "{with_spans} {with_logs}: {:?}", texts(&exporter));
        let operations = exporter.messages().into_iter().map(|message| message.origin.operation.unwrap());
        assert!(operations.into_iter().all(|operation| operation == OPERATION));
    }
}

#[tokio::test]
async fn lines_that_the_appender_filters_remain_as_events_of_the_span() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let (spans, logs) = (tracer_provider(&telemetry), logger_provider(&telemetry));
    let _default = dispatcher::set_default(&subscriber(Some(&spans), Some(&logs), Level::ERROR));
    handle(&telemetry, 200, || async { log() }).await;
    flush(&telemetry).await;
    assert_eq!(texts(&exporter).iter().filter(|text| *text == "low stock").count(), 2);
    let exceptions = exporter.exceptions();
    let errors = exceptions.iter().filter(|error| error.severity == Some(Severity::Error)).count();
    assert_eq!((errors, texts(&exporter).len()), (1, 4), "{:?}", texts(&exporter));
}

#[tokio::test]
async fn line_is_one_item_through_exporters_in_any_order() {
    for logs_first in [true, false] {
        let (telemetry, exporter) = in_memory(Settings::default());
        let pipeline = || telemetry.pipeline().unwrap().clone();
        let spans = SdkTracerProvider::builder().with_batch_exporter(PipelineSpanExporter::new(pipeline())).build();
        let logs = SdkLoggerProvider::builder().with_batch_exporter(PipelineLogExporter::new(pipeline())).build();
        {
            let _default = dispatcher::set_default(&subscriber(Some(&spans), Some(&logs), Level::TRACE));
            handle(&telemetry, 200, || async { log() }).await;
        }
        if logs_first {
            logs.force_flush().unwrap();
            spans.force_flush().unwrap();
        } else {
            spans.force_flush().unwrap();
            logs.force_flush().unwrap();
        }
        flush(&telemetry).await;
        assert_eq!(texts(&exporter).len(), 5, "{logs_first}: {:?}", texts(&exporter));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_follow_the_request_of_their_thread_or_of_their_context() {
    for (settings, status, is_kept) in
        [(Settings::default(), 200, true), (none(), 500, false), (failures(), 500, true), (failures(), 200, false)]
    {
        let (telemetry, exporter) = in_memory(settings);
        let (spans, logs) = (tracer_provider(&telemetry), logger_provider(&telemetry));
        let subscriber = subscriber(None, Some(&logs), Level::TRACE);
        let tracer = spans.tracer("shop");
        handle(&telemetry, status, || async {
            dispatcher::with_default(&subscriber, || tracing::info!("handler"));
            let (subscriber, tracer) = (subscriber.clone(), tracer.clone());
            let task = async move {
                dispatcher::with_default(&subscriber, || {
                    tracing::info!("task");
                    tracer.in_span("reserve", |_| tracing::info!("span"));
                });
            };
            tokio::spawn(task.with_current_context()).await.unwrap();
        })
        .await;
        flush(&telemetry).await;
        let expected = if is_kept { vec!["handler", "span", "task"] } else { vec![] };
        assert_eq!(texts(&exporter), expected, "{status}");
        for message in exporter.messages() {
            assert_eq!(message.origin.operation.as_deref(), Some(OPERATION));
        }
    }
}

#[tokio::test]
async fn records_outside_of_requests_follow_their_span_unless_the_option_is_off() {
    let settings = Settings::default().with_sampler(SamplerSetting::Share(rate(0.5)));
    for is_on in [true, false] {
        let (telemetry, exporter): (Telemetry, _) = in_memory(settings.clone());
        let spans = tracer_provider(&telemetry);
        let processor = PipelineLogProcessor::new(telemetry.pipeline().unwrap()).with_request_sampling(is_on);
        let logs = SdkLoggerProvider::builder().with_log_processor(processor).build();
        let _default = dispatcher::set_default(&subscriber(None, Some(&logs), Level::TRACE));
        tracing::info!("outside of spans");
        for _ in 0..100 {
            spans.tracer("shop").in_span("consume", |_| tracing::info!("in a span"));
        }
        flush(&telemetry).await;
        let (spans, messages) = (exporter.spans().len(), exporter.messages());
        assert!((25..76).contains(&spans), "{spans}");
        assert_eq!(messages.len(), if is_on { 1 + spans } else { 101 });
        let expected = rate(if is_on { 0.5 } else { 1.0 });
        let in_spans = messages.iter().filter(|message| message.message == "in a span");
        assert!(in_spans.into_iter().all(|message| message.origin.rate == Some(expected)));
    }
    assert!(logger_provider(&Telemetry::disabled()).shutdown().is_ok());
}

#[tokio::test]
async fn own_lines_of_the_middleware_are_no_items() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let (spans, logs) = (tracer_provider(&telemetry), logger_provider(&telemetry));
    for (spans, logs) in [(Some(&spans), None), (None, Some(&logs)), (Some(&spans), Some(&logs))] {
        let _default = dispatcher::set_default(&subscriber(spans, logs, Level::TRACE));
        // The middleware logs the 500 in the span around it.
        let telemetry = &telemetry;
        let span = tracing::info_span!("around");
        tracing::Instrument::instrument(handle(telemetry, 500, || async {}), span).await;
    }
    flush(&telemetry).await;
    assert_eq!(exporter.requests().len(), 3);
    assert!(texts(&exporter).is_empty(), "{:?}", texts(&exporter));
}
