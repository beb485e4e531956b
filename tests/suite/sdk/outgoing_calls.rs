//! The headers of outgoing calls name the active span.

use std::sync::Mutex;

use http::HeaderMap;
use opencensus::opentelemetry::tracer_provider;
use opencensus::{RequestTelemetry, Settings, inject};
use opencensus_core::{TraceContext, current};
use opentelemetry::Context;
use opentelemetry::trace::{FutureExt as _, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::trace::SdkTracerProvider;

use super::handled::{failures, flush, handle, none};
use crate::support::in_memory;

/// The parent that a called service receives.
fn parent(inject: impl FnOnce(&mut HeaderMap)) -> TraceContext {
    let mut headers = HeaderMap::new();
    inject(&mut headers);
    TraceContext::parse(headers["traceparent"].as_bytes()).unwrap()
}

fn injected() -> TraceContext {
    parent(|headers| inject("stock.example", headers))
}

#[tokio::test]
async fn call_inside_of_a_span_names_that_span_and_its_parent_is_received() {
    for settings in [Settings::default(), failures()] {
        let (telemetry, exporter) = in_memory(settings);
        let tracer = &tracer_provider(&telemetry).tracer("shop");
        let calls = &Mutex::new(Vec::new());
        handle(&telemetry, 500, || async move {
            tracer.in_span("GET stock", |_| calls.lock().unwrap().push(injected()));
            calls.lock().unwrap().push(injected());
            let request = RequestTelemetry::current();
            let in_task = async move {
                let span = tracer.start("in a task");
                let _attached = Context::current_with_span(span).attach();
                calls.lock().unwrap().push(parent(|headers| request.inject("stock.example", headers)));
            };
            in_task.with_current_context().await;
        })
        .await;
        flush(&telemetry).await;
        let (request, spans, calls) = (exporter.requests().remove(0), exporter.spans(), calls.lock().unwrap());
        let ids: Vec<_> = calls.iter().map(|call| call.span_id()).collect();
        assert_eq!(ids, [spans[0].context.span_id(), request.context().span_id(), spans[1].context.span_id()]);
        assert!(calls.iter().all(|call| call.trace_id() == request.context().trace_id()));
        assert!(calls.iter().all(|call| call.flags().is_sampled() == request.context().flags().is_sampled()));
    }
}

#[tokio::test]
async fn call_inside_of_a_span_that_is_not_recorded_names_the_request() {
    for settings in [Settings::default(), none()] {
        let (telemetry, _) = in_memory(settings);
        // The application's own provider drops every span.
        let sampler = opentelemetry_sdk::trace::Sampler::AlwaysOff;
        let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
        handle(&telemetry, 200, || async {
            provider.tracer("shop").in_span("GET stock", |_| assert_eq!(Some(injected()), current::context()));
        })
        .await;
    }
}

#[tokio::test]
async fn span_of_the_middleware_goes_before_one_around_it() {
    let (telemetry, _) = in_memory(Settings::default());
    let tracer = tracer_provider(&telemetry).tracer("shop");
    handle(&telemetry, 200, || async {
        tracer.in_span("reserve", |_| {
            let call = current::get().unwrap().child_context();
            let _entered = current::enter_span(call);
            assert_eq!(injected(), call);
        });
        // A span of another trace is no parent.
        let other = Context::new().with_span(tracer.start_with_context("consume", &Context::new()));
        let _attached = other.attach();
        assert_eq!(Some(injected()), current::context());
    })
    .await;
}
