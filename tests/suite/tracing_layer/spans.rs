//! Spans below a request become dependencies.

use http::HeaderMap;
use opencensus::tracing::Options;
use opencensus::{RequestSpan, Settings, SpanStatus, Value};
use opencensus_core::{SpanKind, current};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use tracing::Instrument as _;

use super::{Service, attribute};

fn service() -> Service {
    Service::new(Settings::default(), Options::default())
}

/// The id of the parent that a called service receives.
fn called_with() -> String {
    let mut headers = HeaderMap::new();
    opencensus::inject("stock.example", &mut headers);
    headers["traceparent"].to_str().unwrap().split('-').nth(2).unwrap().to_owned()
}

#[tracing::instrument(fields(total))]
async fn price(chair: &str, count: u32) -> u32 {
    tokio::task::yield_now().await;
    tracing::Span::current().record("total", count * 5);
    tracing::info!("priced");
    let _ = discount().await;
    count * 5
}

#[tracing::instrument(skip_all, err)]
async fn discount() -> Result<(), std::fmt::Error> {
    tokio::task::yield_now().await;
    Err(std::fmt::Error)
}

#[tokio::test]
async fn instrumented_functions_nest_over_await_points() {
    let service = service();
    service
        .handle(200, async {
            let prices = [price("red", 2), price("blue", 3)];
            let _ = futures_util::future::join_all(prices).await;
        })
        .await;
    let request = service.request();
    let spans = service.exporter.spans();
    let named = |name: &str| spans.iter().filter(|span| span.name == name).cloned().collect::<Vec<_>>();
    let (prices, discounts) = (named("price"), named("discount"));
    assert_eq!((prices.len(), discounts.len()), (2, 2), "{spans:#?}");
    for (price, discount) in prices.iter().zip(&discounts) {
        assert_eq!(price.parent, Some(request.context().span_id()));
        assert_eq!(price.kind, SpanKind::Internal);
        assert_eq!(price.operation.as_deref(), Some(&*request.name()));
        assert_eq!(price.status, SpanStatus::Unset, "its own code did not fail");
        assert!(prices.iter().any(|price| discount.parent == Some(price.context.span_id())));
        assert!(matches!(&discount.status, SpanStatus::Error(text) if text.contains("error")), "{:?}", discount.status);
    }
    let red = prices.iter().find(|span| attribute(&span.attributes, "chair") == Some(&Value::from("red"))).unwrap();
    assert_eq!(attribute(&red.attributes, "total"), Some(&Value::I64(10)));
    assert_eq!(attribute(&red.attributes, "code.namespace"), Some(&Value::from(module_path!())));
    let messages = service.exporter.messages();
    let mut parents: Vec<_> = messages.iter().map(|line| line.origin.context.unwrap().span_id()).collect();
    let mut expected: Vec<_> = prices.iter().map(|span| span.context.span_id()).collect();
    parents.sort_by_key(|id| id.to_hex());
    expected.sort_by_key(|id| id.to_hex());
    assert_eq!(parents, expected);
    assert_eq!(service.exporter.exceptions().len(), 2, "of `err`");
}

#[tokio::test]
async fn outgoing_calls_have_the_span_as_parent_and_the_request_after_it() {
    let service = service();
    let calls = Mutex::new(Vec::new());
    service
        .handle(200, async {
            let work = async {
                tokio::task::yield_now().await;
                calls.lock().unwrap().push(called_with());
            };
            work.instrument(tracing::info_span!("call")).await;
            calls.lock().unwrap().push(called_with());
        })
        .await;
    let (request, span) = (service.request(), service.span("call"));
    let expected = [span.context.span_id(), request.context().span_id()].map(|id| id.to_string());
    assert_eq!(calls.into_inner().unwrap(), expected);
}

#[tokio::test]
async fn duration_lasts_from_the_creation_to_the_close() {
    let service = service();
    service
        .handle(200, async {
            let span = tracing::info_span!("slow");
            std::thread::sleep(Duration::from_millis(20));
            span.in_scope(|| {});
        })
        .await;
    let (request, span) = (service.request(), service.span("slow"));
    assert!(span.duration >= Duration::from_millis(20) && span.duration <= request.duration(), "{span:?}");
    assert!(span.start <= std::time::SystemTime::now());
}

#[tokio::test]
async fn error_in_a_span_or_its_field_makes_the_innermost_span_fail() {
    let service = service();
    service
        .handle(200, async {
            tracing::info_span!("outer").in_scope(|| {
                tracing::info_span!("event").in_scope(|| tracing::error!("no chairs left"));
                tracing::info_span!("field", error = "broken").in_scope(|| {});
                tracing::info_span!("flag", error = false).in_scope(|| tracing::warn!("not that bad"));
            });
        })
        .await;
    let status = |name: &str| service.span(name).status;
    assert_eq!(status("event"), SpanStatus::Error("no chairs left".into()));
    assert_eq!(status("field"), SpanStatus::Error("broken".into()));
    assert_eq!((status("flag"), status("outer")), (SpanStatus::Unset, SpanStatus::Unset));
}

#[tokio::test]
async fn fields_of_opentelemetry_set_name_kind_and_status() {
    let service = service();
    service
        .handle(200, async {
            let client = tracing::info_span!(
                "query",
                otel.name = "SELECT chairs",
                otel.kind = "client",
                otel.status_code = "ERROR",
                otel.status_description = "timeout",
                db.system.name = "postgresql",
                db.query.text = "SELECT 1",
            );
            client.in_scope(|| {});
            tracing::info_span!("request", otel.kind = ?"Server").in_scope(|| {});
            let ok = tracing::info_span!("fine", otel.kind = "producer", otel.status_code = "OK");
            ok.in_scope(|| tracing::error!("handled"));
        })
        .await;
    let query = service.span("SELECT chairs");
    assert_eq!((query.kind, query.status), (SpanKind::Client, SpanStatus::Error("timeout".into())));
    assert_eq!(attribute(&query.attributes, "db.system.name"), Some(&Value::from("postgresql")));
    assert_eq!(attribute(&query.attributes, "otel.kind"), None);
    assert_eq!(service.span("request").kind, SpanKind::Internal, "the request has a row of its own");
    let fine = service.span("fine");
    assert_eq!((fine.kind, fine.status), (SpanKind::Producer, SpanStatus::Ok));
}

#[tokio::test]
async fn explicit_parents_and_roots_are_heeded() {
    let service = service();
    service
        .handle(200, async {
            let outer = tracing::info_span!("outer");
            let other = tracing::info_span!("other");
            let _entered = other.enter();
            tracing::info_span!(parent: &outer, "child").in_scope(|| {});
            tracing::info_span!(parent: None, "root").in_scope(|| {});
            tracing::info!(parent: &outer, "a line");
        })
        .await;
    let (request, outer) = (service.request(), service.span("outer"));
    assert_eq!(service.span("child").parent, Some(outer.context.span_id()));
    assert_eq!(service.span("root").parent, Some(request.context().span_id()));
    assert_eq!(service.exporter.messages()[0].origin.context, Some(outer.context));
}

#[tokio::test]
async fn spans_may_be_exited_in_any_order() {
    let service = service();
    let calls = Mutex::new(Vec::new());
    service
        .handle(200, async {
            let (first, second) = (tracing::info_span!("first").entered(), tracing::info_span!("second").entered());
            drop(first);
            calls.lock().unwrap().push(called_with());
            drop(second);
            calls.lock().unwrap().push(called_with());
        })
        .await;
    let (request, second) = (service.request(), service.span("second"));
    let expected = [second.context.span_id(), request.context().span_id()].map(|id| id.to_string());
    assert_eq!(calls.into_inner().unwrap(), expected);
}

#[tokio::test]
async fn many_spans_leave_nothing_behind() {
    let service = service();
    let handle: Mutex<Weak<RequestSpan>> = Mutex::default();
    service
        .handle(200, async {
            *handle.lock().unwrap() = Arc::downgrade(&RequestSpan::current().unwrap());
            for number in 0..2_000 {
                let span = tracing::info_span!("one of many", number);
                span.in_scope(|| tracing::info_span!("inner").in_scope(|| {}));
            }
        })
        .await;
    service.flush();
    assert_eq!(service.exporter.spans().len(), 4_000);
    assert!(handle.into_inner().unwrap().upgrade().is_none(), "a span keeps its request");
    assert!(current::get().is_none() && current::replace_innermost(None).is_none());
}
