//! Events of spans, and spans of `tracing`.

use std::io;

use opencensus::Settings;
use opencensus::core::Severity;
use opencensus::opentelemetry::tracer_provider;
use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use tracing::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt as _;

use super::handled::{OPERATION, failures, flush, handle, names};
use crate::support::in_memory;

#[tokio::test]
async fn attributes_of_an_exception_make_an_exception_whatever_its_event_is_called() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let tracer = tracer_provider(&telemetry).tracer("shop");
    handle(&telemetry, 500, || async {
        let mut span = tracer.start("reserve");
        span.record_error(&io::Error::other("no more chairs"));
        span.add_event("could not reserve", vec![KeyValue::new("exception.type", "shop::OutOfStock")]);
        span.add_event("a cache miss", vec![KeyValue::new("shop.chair", 7)]);
    })
    .await;
    flush(&telemetry).await;
    let (exceptions, span) = (exporter.exceptions(), exporter.spans().remove(0));
    assert_eq!(exceptions[0].message.as_deref(), Some("no more chairs"));
    assert_eq!(exceptions[1].type_name.as_deref(), Some("shop::OutOfStock"));
    assert!(exceptions.iter().all(|error| error.origin.context == Some(span.context)));
    assert!(exceptions.iter().all(|error| error.origin.operation.as_deref() == Some(OPERATION)));
    let messages = exporter.messages();
    assert_eq!((messages.len(), &*messages[0].message), (1, "a cache miss"));
}

/// Logs two lines in a span below another span.
fn log() {
    let _outer = tracing::info_span!("outer").entered();
    tracing::info_span!("inner").in_scope(|| {
        tracing::warn!("low stock");
        let error = io::Error::other("no more chairs");
        tracing::error!(error = &error as &(dyn std::error::Error + 'static), "could not reserve");
    });
}

#[tokio::test]
async fn spans_and_lines_of_tracing_follow_a_request_that_is_kept_at_its_end() {
    let (telemetry, exporter) = in_memory(failures());
    let layer = tracing_opentelemetry::layer().with_tracer(tracer_provider(&telemetry).tracer("shop"));
    let _default = dispatcher::set_default(&Dispatch::new(tracing_subscriber::registry().with(layer)));
    for status in [200, 500] {
        handle(&telemetry, status, || async { log() }).await;
    }
    flush(&telemetry).await;
    assert_eq!(names(&exporter), ["inner", "outer"]);
    let (request, spans) = (exporter.requests().remove(0), exporter.spans());
    assert_eq!(spans[0].parent, Some(spans[1].context.span_id()));
    assert_eq!(spans[1].parent, Some(request.context().span_id()));
    let (messages, exceptions) = (exporter.messages(), exporter.exceptions());
    assert_eq!((messages.len(), exceptions.len()), (1, 1));
    assert_eq!((&*messages[0].message, messages[0].severity), ("low stock", Some(Severity::Warning)));
    assert_eq!(exceptions[0].message.as_deref(), Some("no more chairs"));
    assert_eq!(exceptions[0].severity, Some(Severity::Error));
    assert_eq!(exceptions[0].origin.context, Some(spans[0].context));
    assert_eq!(messages[0].origin.operation.as_deref(), Some(OPERATION));
}
