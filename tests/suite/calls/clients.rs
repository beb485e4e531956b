//! Calls of hyper-util's client.

use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use opencensus::outgoing::ClientBody;
use opencensus::sampling::SamplingRate;
use opencensus::{CallName, Settings, SpanStatus};
use tower::retry::{Policy, Retry};
use tower::{Layer as _, Service as _, ServiceExt as _};
use tower_http::follow_redirect::FollowRedirectLayer;

use super::shop::{Shop, attribute, get_request, hyper, text};

#[tokio::test]
async fn call_is_a_child_of_its_request_and_the_parent_of_the_called_one() {
    for http2 in [false, true] {
        for (path, status, is_failed) in [("/ok", 200, false), ("/missing", 404, true), ("/fail", 500, true)] {
            let shop = Shop::new(Settings::default()).await;
            let (client, url) = (shop.layer().layer(hyper(http2)), shop.url(&format!("{path}?page=2")));
            let request = get_request(&url);
            let handled = shop.handle(200, async move {
                assert_eq!(client.oneshot(request).await.unwrap().status(), status);
            });
            let handled = handled.await;
            let (request, call, called) = (&handled.requests[0], &handled.calls[0], &handled.called[0]);
            assert_eq!((handled.calls.len(), handled.called.len()), (1, 1));
            assert_eq!(call.parent, Some(request.context().span_id()), "{path}");
            assert_eq!(called.parent(), Some(call.context.span_id()), "{path} {http2}");
            assert_eq!(called.context().trace_id(), request.context().trace_id());
            assert_eq!((&*call.name, call.operation.as_deref()), ("GET 127.0.0.1", Some(&*request.name())));
            assert_eq!(text(call, "url.full"), url);
            assert_eq!(attribute(call, "http.response.status_code"), Some(&i64::from(status).into()));
            assert_eq!(matches!(call.status, SpanStatus::Error(_)), is_failed, "{path}");
            assert_eq!(call.rate, Some(SamplingRate::ALL));
            assert!(call.duration > Duration::ZERO && call.duration <= request.duration());
        }
    }
}

#[tokio::test]
async fn call_is_named_by_its_request_or_by_the_layer() {
    let shop = Shop::new(Settings::default()).await;
    let (mut client, url) = (shop.layer().with_name("stock").layer(hyper(false)), shop.url("/ok"));
    let handled = shop.handle(200, async move {
        let mut request = get_request(&url);
        request.extensions_mut().insert(CallName::from("GET /{path}"));
        client.ready().await.unwrap().call(request).await.unwrap();
        client.call(get_request(&url)).await.unwrap();
    });
    let names: Vec<_> = handled.await.calls.into_iter().map(|call| call.name).collect();
    assert_eq!(names, ["GET /{path}", "stock"]);
}

#[tokio::test]
async fn call_that_is_refused_fails_with_the_text_of_its_error() {
    let shop = Shop::new(Settings::default()).await;
    let client = shop.client();
    let handled = shop.handle(200, async move {
        client.oneshot(get_request("http://127.0.0.1:1/")).await.unwrap_err();
    });
    let call = &handled.await.calls[0];
    assert!(text(call, "error.message").contains("onnection refused"), "{:?}", call.attributes);
    assert!(matches!(&call.status, SpanStatus::Error(text) if text.contains("client error (Connect)")));
    assert!(attribute(call, "http.response.status_code").is_none());
}

#[tokio::test]
async fn call_whose_future_is_dropped_is_cancelled() {
    let shop = Shop::new(Settings::default()).await;
    let (client, url) = (shop.client(), shop.url("/hang"));
    let handled = shop.handle(200, async move {
        let call = client.oneshot(get_request(&url));
        tokio::time::timeout(Duration::from_millis(50), call).await.unwrap_err();
    });
    let call = &handled.await.calls[0];
    assert_eq!(call.status, SpanStatus::Error("cancelled".into()));
    assert_eq!(text(call, "error.type"), "cancelled");
    assert!(call.duration >= Duration::from_millis(50));
}

#[tokio::test]
async fn each_hop_of_a_redirect_is_a_call() {
    let shop = Shop::new(Settings::default()).await;
    let (client, url) = (FollowRedirectLayer::new().layer(shop.client()), shop.url("/redirect"));
    let handled = shop.handle(200, async move {
        let request = get_request(&url);
        let body = client.oneshot(request).await.unwrap().into_body().collect().await.unwrap();
        assert_eq!(body.to_bytes(), "ok");
    });
    let handled = handled.await;
    let codes: Vec<_> = handled.calls.iter().map(|call| text(call, "http.response.status_code")).collect();
    assert_eq!(codes, ["307", "200"]);
    for (call, called) in handled.calls.iter().zip(&handled.called) {
        assert_eq!(called.parent(), Some(call.context.span_id()), "{called:?}");
        assert!(call.status == SpanStatus::Unset && call.parent == Some(handled.requests[0].context().span_id()));
    }
}

#[derive(Clone)]
struct RetryUnavailable;

type HyperResponse = Response<ClientBody<hyper::body::Incoming>>;

impl<E> Policy<Request<Full<bytes::Bytes>>, HyperResponse, E> for RetryUnavailable {
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<Full<bytes::Bytes>>,
        result: &mut Result<HyperResponse, E>,
    ) -> Option<Self::Future> {
        result.as_ref().is_ok_and(|response| response.status() == 503).then(|| std::future::ready(()))
    }

    fn clone_request(&mut self, request: &Request<Full<bytes::Bytes>>) -> Option<Request<Full<bytes::Bytes>>> {
        Some(request.clone())
    }
}

#[tokio::test]
async fn each_attempt_of_a_retry_is_a_call() {
    let shop = Shop::new(Settings::default()).await;
    let (client, url) = (Retry::new(RetryUnavailable, shop.client()), shop.url("/flaky"));
    let handled = shop.handle(200, async move {
        assert_eq!(client.oneshot(get_request(&url)).await.unwrap().status(), 200);
    });
    let handled = handled.await;
    let codes: Vec<_> = handled.calls.iter().map(|call| text(call, "http.response.status_code")).collect();
    assert_eq!(codes, ["503", "200"]);
    assert_ne!(handled.calls[0].context.span_id(), handled.calls[1].context.span_id());
    for (call, called) in handled.calls.iter().zip(&handled.called) {
        assert_eq!(called.parent(), Some(call.context.span_id()));
    }
}
