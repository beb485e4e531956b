//! Calls of clients that have no layer.

use opencensus::{RequestTelemetry, Settings, SpanStatus};

use super::shop::{Shop, get_request, hyper, text};

#[tokio::test]
async fn call_gives_headers_and_is_recorded_at_its_end() {
    let shop = Shop::new(Settings::default()).await;
    let (telemetry, url) = (shop.telemetry.clone(), shop.url("/missing"));
    let handled = shop.handle(200, async move {
        let mut call = telemetry.call("GET", &url);
        call.set_name("GET /stock/{id}");
        let mut request = get_request(&url);
        call.inject(request.headers_mut());
        let headers = call.headers();
        assert_eq!((headers.len(), headers[0].0), (2, "traceparent"));
        let response = call.instrument(hyper(false).request(request)).await.unwrap();
        call.end(response.status().as_u16());
    });
    let handled = handled.await;
    let call = &handled.calls[0];
    assert_eq!((&*call.name, &*text(call, "http.response.status_code")), ("GET /stock/{id}", "404"));
    assert_eq!(handled.called[0].parent(), Some(call.context.span_id()));
    assert!(matches!(call.status, SpanStatus::Error(_)));
}

#[tokio::test]
async fn call_that_does_not_end_is_cancelled_and_one_that_fails_has_its_error() {
    let shop = Shop::new(Settings::default()).await;
    let handled = shop.handle(200, async {
        let request = RequestTelemetry::current();
        drop(request.call("GET", "http://stock.example/"));
        request.call("GET", "http://stock.example/").fail(&std::io::Error::other("no route"));
        request.call("GET", "no url at all").end(200);
    });
    let calls = handled.await.calls;
    assert_eq!(text(&calls[0], "error.type"), "cancelled");
    assert_eq!(calls[1].status, SpanStatus::Error("no route".into()));
    assert_eq!((&*calls[2].name, &*text(&calls[2], "url.full")), ("GET", "no url at all"));
}

#[tokio::test]
async fn headers_of_a_nested_call_name_the_call() {
    let shop = Shop::new(Settings::default()).await;
    let handled = shop.handle(200, async {
        let mut outer = opencensus::DependencySpan::start("SDK", "stock", "read");
        let context = outer.context().unwrap();
        let inner = outer.instrument(async move {
            let mut headers = http::HeaderMap::new();
            opencensus::inject("stock.example", &mut headers);
            assert_eq!(headers["traceparent"].as_bytes(), context.to_header());
        });
        inner.await;
    });
    assert_eq!(handled.await.calls.len(), 1);
}

#[tokio::test]
async fn call_below_a_span_of_the_sdk_is_its_child() {
    use opentelemetry::trace::{TraceContextExt as _, Tracer as _, TracerProvider as _};

    let shop = Shop::new(Settings::default()).await;
    let telemetry = shop.telemetry.clone();
    let handled = shop.handle(200, async move {
        let tracer = opencensus::opentelemetry::tracer_provider(&telemetry).tracer("test");
        tracer.in_span("checkout", |context| {
            telemetry.call("GET", "http://stock.example/").end(200);
            assert!(context.span().span_context().is_valid());
        });
    });
    let calls = handled.await.calls;
    let [call, span] =
        ["GET stock.example", "checkout"].map(|name| calls.iter().find(|call| call.name == name).unwrap());
    assert_eq!(call.parent, Some(span.context.span_id()));
}
