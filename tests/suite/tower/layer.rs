//! The layer works around any tower service. The tests call it in process.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty, Full};
use opencensus::core::Current;
use opencensus::{OpenCensusLayer, Outcome, OutcomeKind, RequestSpan, RequestTelemetry, Settings};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::support::{ended, in_memory};
use test_support::TIMEOUT;

fn empty_request() -> Request<()> {
    Request::get("/users/7").body(()).unwrap()
}

/// An error that implements neither `Debug` nor `Display`.
struct OpaqueError;

#[tokio::test]
async fn error_of_a_service_is_recorded_and_returned() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let failing = service_fn(|_: Request<()>| ready(Err::<Response<Empty<Bytes>>, _>(OpaqueError)));
    let result = OpenCensusLayer::new(telemetry.clone()).layer(failing).oneshot(empty_request()).await;
    assert!(matches!(result, Err(OpaqueError)));
    let row = &ended(&telemetry, &exporter, 1).await[0];
    assert_eq!((row.status(), row.outcome().kind()), (Some(500), OutcomeKind::Error));
    assert!(row.outcome().detail().unwrap().ends_with("OpaqueError"));
}

/// A service that must be ready when it is called, and whose clones are not ready.
struct MustBeReady {
    is_ready: bool,
}

impl Clone for MustBeReady {
    fn clone(&self) -> Self {
        Self { is_ready: false }
    }
}

impl Service<Request<()>> for MustBeReady {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(self.is_ready, "this is not the service that was ready");
        ready(Ok(Response::new(Empty::new())))
    }
}

#[tokio::test]
async fn service_that_was_ready_is_the_one_that_is_called() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let mut service = OpenCensusLayer::new(telemetry.clone()).layer(MustBeReady { is_ready: false });
    service.ready().await.unwrap().call(empty_request()).await.unwrap();
    assert_eq!(*ended(&telemetry, &exporter, 1).await[0].outcome(), Outcome::Completed);
}

#[tokio::test]
async fn service_needs_neither_clone_nor_static() {
    struct Borrowing<'a>(&'a AtomicUsize);
    impl Service<Request<()>> for Borrowing<'_> {
        type Response = Response<Empty<Bytes>>;
        type Error = Infallible;
        type Future = Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<()>) -> Self::Future {
            self.0.fetch_add(1, Ordering::Relaxed);
            ready(Ok(Response::new(Empty::new())))
        }
    }
    let calls = AtomicUsize::new(0);
    let (telemetry, _exporter) = in_memory(Settings::default());
    let mut service = OpenCensusLayer::new(telemetry).layer(Borrowing(&calls));
    service.ready().await.unwrap().call(empty_request()).await.unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn two_layers_in_one_stack_make_one_row() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let layer = OpenCensusLayer::new(telemetry.clone());
    let service = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))));
    layer.layer(layer.layer(service)).oneshot(empty_request()).await.unwrap();
    ended(&telemetry, &exporter, 1).await;
    assert_eq!(telemetry.stats().accepted, 1);
}

#[tokio::test]
async fn request_is_current_in_call_poll_and_body_and_in_the_extensions() {
    struct RequiresCurrent;
    impl Body for RequiresCurrent {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            assert!(RequestSpan::current().is_some(), "in the body");
            Poll::Ready(None)
        }
    }
    let (telemetry, exporter) = in_memory(Settings::default());
    let service = service_fn(|request: Request<()>| {
        let in_call = RequestSpan::current().expect("in call").context();
        let in_extensions = request.extensions().get::<Arc<RequestSpan>>().expect("in the extensions").context();
        async move {
            tokio::task::yield_now().await;
            assert_eq!(in_call, RequestSpan::current().expect("in poll").context());
            assert_eq!(in_call, in_extensions);
            Ok::<_, Infallible>(Response::new(RequiresCurrent))
        }
    });
    let response = OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(empty_request()).await.unwrap();
    assert!(RequestSpan::current().is_none());
    response.into_body().collect().await.unwrap();
    ended(&telemetry, &exporter, 1).await;
}

#[tokio::test]
async fn blacklisted_request_has_no_extension_and_a_current_context() {
    let (telemetry, _exporter) = in_memory(Settings::default().with_blacklist_paths(["/users"]));
    let service = service_fn(|request: Request<()>| {
        assert!(request.extensions().is_empty());
        assert!(RequestSpan::current().is_none() && RequestTelemetry::current().context().is_some());
        ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
    });
    let layer = OpenCensusLayer::new(telemetry.clone());
    // Only one of the two layers counts it.
    layer.layer(layer.layer(service)).oneshot(empty_request()).await.unwrap();
    assert_eq!(telemetry.stats().blacklisted, 1);
}

#[tokio::test]
async fn disabled_layer_changes_nothing() {
    let service = service_fn(|request: Request<()>| {
        assert!(request.extensions().is_empty() && RequestTelemetry::current().context().is_none());
        ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
    });
    let telemetry = opencensus::Telemetry::disabled();
    OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(empty_request()).await.unwrap();
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
}

/// A body that returns these frames, and panics after the last one.
struct Script(Vec<Option<Result<Frame<Bytes>, OpaqueError>>>);

impl Body for Script {
    type Data = Bytes;
    type Error = OpaqueError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, OpaqueError>>> {
        assert!(!self.0.is_empty(), "a body on fire");
        Poll::Ready(self.0.remove(0))
    }
}

fn data(bytes: &'static [u8]) -> Option<Result<Frame<Bytes>, OpaqueError>> {
    Some(Ok(Frame::data(Bytes::from_static(bytes))))
}

/// Polls a body `polls` times and drops it. Returns the outcome, and whether the request ended with the head.
async fn row_of_body(script: Script, headers: &[(&'static str, &str)], polls: usize) -> (Outcome, bool) {
    let (telemetry, exporter) = in_memory(Settings::default());
    let mut response = Response::new(script);
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    let response = Arc::new(Mutex::new(Some(response)));
    let handler = move |_: Request<()>| ready(Ok::<_, Infallible>(response.lock().unwrap().take().expect("one call")));
    let service = service_fn(handler);
    let response = OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(empty_request()).await.unwrap();
    let ended_with_head = telemetry.stats().accepted == 1;
    let mut body = response.into_body();
    for _ in 0..polls {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let mut cx = Context::from_waker(std::task::Waker::noop());
            let _ = Pin::new(&mut body).poll_frame(&mut cx);
        }));
    }
    drop(body);
    (ended(&telemetry, &exporter, 1).await[0].outcome().clone(), ended_with_head)
}

#[tokio::test]
async fn request_ends_with_the_end_of_its_body() {
    let trailers = || Some(Ok(Frame::trailers(HeaderMap::new())));
    let completed = (Outcome::Completed, false);
    assert_eq!(row_of_body(Script(vec![data(b"a"), None]), &[], 2).await, completed);
    assert_eq!(row_of_body(Script(vec![data(b"a"), trailers()]), &[], 2).await, completed);
    // Servers stop polling once the announced length has been sent.
    let announced = [("content-length", "3")];
    assert_eq!(row_of_body(Script(vec![data(b"a"), data(b"bc")]), &announced, 2).await, completed);
    assert_eq!(row_of_body(Script(vec![data(b"a"), data(b"bc")]), &announced, 1).await, (Outcome::Aborted, false));
    assert_eq!(row_of_body(Script(vec![data(b"a"), data(b"bc")]), &[], 2).await, (Outcome::Aborted, false));
    let (outcome, _) = row_of_body(Script(vec![Some(Err(OpaqueError))]), &[], 1).await;
    assert_eq!(outcome.kind(), OutcomeKind::Error);
    let (outcome, _) = row_of_body(Script(vec![]), &[], 1).await;
    assert_eq!(outcome, Outcome::Panicked("a body on fire".into()));
    let events = [("content-type", "text/event-stream; charset=utf-8")];
    assert_eq!(row_of_body(Script(vec![data(b"a")]), &events, 0).await, (Outcome::Completed, true));
}

#[tokio::test]
async fn panic_in_call_is_recorded_and_propagates() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let service = service_fn(|_: Request<()>| -> Ready<Result<Response<Full<Bytes>>, Infallible>> {
        panic!("number {}", std::hint::black_box(7))
    });
    let mut service = OpenCensusLayer::new(telemetry.clone()).layer(service);
    let result = catch_unwind(AssertUnwindSafe(|| drop(service.call(empty_request()))));
    let panic = result.expect_err("the panic propagates");
    assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some("number 7"));
    assert!(RequestSpan::current().is_none());
    assert_eq!(*ended(&telemetry, &exporter, 1).await[0].outcome(), Outcome::Panicked("number 7".into()));
}

#[tokio::test]
async fn retained_span_has_no_effect_after_the_end() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let (keep, kept) = std::sync::mpsc::channel();
    let service = service_fn(move |_: Request<()>| {
        keep.send(RequestSpan::current().unwrap()).unwrap();
        ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
    });
    OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(empty_request()).await.unwrap();
    let span = kept.recv().unwrap();
    span.set_name("too late");
    assert!(span.has_ended());
    Current::Recording(span).end(Some(500), Outcome::Cancelled);
    assert_eq!((telemetry.stats().requests.finished(2), telemetry.stats().requests.finished(5)), (1, 0));
    assert_eq!(ended(&telemetry, &exporter, 1).await[0].name(), "GET");
    let report = telemetry.shutdown(TIMEOUT).await;
    assert!(report.complete, "a retained span does not keep the pipeline open");
}
