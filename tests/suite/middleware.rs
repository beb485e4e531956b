//! One row for every request that is kept, whatever happens to it.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty, Full};
use opencensus::core::Current;
use opencensus::{OpenCensusLayer, Outcome, OutcomeKind, RequestSpan, Settings};
use test_servers::Shop;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::support::server::{Framework, Server};
use crate::support::{ended, in_memory};
use test_support::TIMEOUT;
use test_support::client::{disconnect_midway, disconnect_when, get, request};

#[tokio::test]
async fn row_tells_route_status_url_and_client() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        request(server.address, "GET", "/users/7?q=1&token=hush", "user-agent: test\r\n").await;
        let row = &ended(&telemetry, &exporter, 1).await[0];
        assert_eq!(row.name(), "GET /users/{id}", "{framework:?}");
        assert_eq!((row.status(), row.path().as_ref()), (Some(200), "/users/7"));
        assert_eq!(row.query().as_deref(), Some("q=1&token=REDACTED"));
        assert_eq!(row.host().as_deref(), Some("shop.example"));
        assert_eq!(row.user_agent().as_deref(), Some("test"));
        assert!(row.peer().unwrap().ip().is_loopback());
        assert_eq!(row.parent(), None);
        server.stop().await;
    }
}

#[tokio::test]
async fn every_answer_is_one_row_with_its_status() {
    let routes = [
        ("GET", "/", 200),
        ("POST", "/", 200),
        ("HEAD", "/", 200),
        ("DELETE", "/users/7", 200),
        ("GET", "/forbidden", 403),
        ("GET", "/bad", 400),
        ("GET", "/fail", 500),
        ("GET", "/unavailable", 503),
        ("GET", "/redirect", 302),
        ("GET", "/slow", 200),
        ("GET", "/stream", 200),
        ("PATCH", "/users/7", 405),
        ("GET", "/no/such/path", 404),
    ];
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        for (at, (method, path, status)) in routes.into_iter().enumerate() {
            request(server.address, method, path, "").await;
            let rows = ended(&telemetry, &exporter, at + 1).await;
            let row = &rows[at];
            assert_eq!(row.status(), Some(status), "{framework:?} {method} {path}");
            assert_eq!(*row.outcome(), Outcome::Completed, "{framework:?} {method} {path}");
        }
        let last = exporter.requests().pop().unwrap();
        assert_eq!(last.name(), "GET", "a path without a route is not part of the name");
        server.stop().await;
    }
}

#[tokio::test]
async fn request_given_up_before_its_answer_is_cancelled() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        // The handler asks a server that never answers, so it works for as long as the client waits.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let out_url = Some(format!("http://{}/", silent.local_addr().unwrap()));
        let server = Server::start_shop(framework, telemetry.clone(), Shop { out_url, ..Shop::default() }).await;
        disconnect_when(server.address, "/out", async { drop(silent.accept().await.map(std::mem::forget)) }).await;
        let row = &ended(&telemetry, &exporter, 1).await[0];
        assert_eq!((row.status(), row.outcome().kind()), (Some(499), OutcomeKind::Cancelled), "{framework:?}");
        assert_eq!(row.name(), "GET /out");
        server.stop().await;
    }
}

#[tokio::test]
async fn request_given_up_during_its_answer_is_aborted() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        disconnect_midway(server.address, "/stream").await;
        let row = &ended(&telemetry, &exporter, 1).await[0];
        assert_eq!((row.status(), row.outcome().kind()), (Some(200), OutcomeKind::Aborted), "{framework:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn duration_reaches_to_the_last_byte() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        let answer = get(server.address, "/stream").await;
        assert_eq!(answer.matches("chunk\n").count(), 4);
        let row = &ended(&telemetry, &exporter, 1).await[0];
        assert!(row.duration() >= Duration::from_millis(3 * 60), "{framework:?}: {:?}", row.duration());
        server.stop().await;
    }
}

#[tokio::test]
async fn panic_is_a_500_and_goes_on() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        assert_eq!(get(server.address, "/boom").await, "", "the connection breaks: nobody swallowed the panic");
        let row = &ended(&telemetry, &exporter, 1).await[0];
        assert_eq!(row.status(), Some(500), "{framework:?}");
        assert_eq!(*row.outcome(), Outcome::Panicked("the shop is on fire".into()));
        assert_eq!(row.name(), "GET /boom", "{framework:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn length_of_a_body_is_still_known() {
    for framework in Framework::ALL {
        let (telemetry, _exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        let answer = get(server.address, "/users/7").await.to_ascii_lowercase();
        assert!(answer.contains("content-length: 6\r\n"), "{framework:?}: {answer}");
        server.stop().await;
    }
}

fn empty_request() -> Request<()> {
    Request::get("/users/7").body(()).unwrap()
}

/// An error that cannot even be printed.
struct Mute;

#[tokio::test]
async fn error_of_a_service_is_a_row_and_comes_through() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let failing = service_fn(|_: Request<()>| ready(Err::<Response<Empty<Bytes>>, _>(Mute)));
    let result = OpenCensusLayer::new(telemetry.clone()).layer(failing).oneshot(empty_request()).await;
    assert!(matches!(result, Err(Mute)));
    let row = &ended(&telemetry, &exporter, 1).await[0];
    assert_eq!((row.status(), row.outcome().kind()), (Some(500), OutcomeKind::Error));
    assert!(row.outcome().detail().unwrap().ends_with("Mute"));
}

/// A service that must be ready when it is called, and whose clones are not.
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
    struct Asking;
    impl Body for Asking {
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
            Ok::<_, Infallible>(Response::new(Asking))
        }
    });
    let response = OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(empty_request()).await.unwrap();
    assert!(RequestSpan::current().is_none());
    response.into_body().collect().await.unwrap();
    ended(&telemetry, &exporter, 1).await;
}

#[tokio::test]
async fn hidden_request_carries_nothing_and_is_known_to_its_thread() {
    let (telemetry, _exporter) = in_memory(Settings::default().with_blacklist_paths(["/users"]));
    let service = service_fn(|request: Request<()>| {
        assert!(request.extensions().is_empty());
        assert!(RequestSpan::current().is_none() && opencensus::current_context().is_some());
        ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
    });
    let layer = OpenCensusLayer::new(telemetry.clone());
    // Of two layers only one looks at it.
    layer.layer(layer.layer(service)).oneshot(empty_request()).await.unwrap();
    assert_eq!(telemetry.stats().blacklisted, 1);
}

#[tokio::test]
async fn disabled_layer_leaves_no_trace() {
    let service = service_fn(|request: Request<()>| {
        assert!(request.extensions().is_empty() && opencensus::current_context().is_none());
        ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
    });
    let telemetry = opencensus::Telemetry::disabled();
    OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(empty_request()).await.unwrap();
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
}

/// What a body does, step by step.
struct Script(Vec<Option<Result<Frame<Bytes>, Mute>>>);

impl Body for Script {
    type Data = Bytes;
    type Error = Mute;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Mute>>> {
        assert!(!self.0.is_empty(), "a body on fire");
        Poll::Ready(self.0.remove(0))
    }
}

fn data(bytes: &'static [u8]) -> Option<Result<Frame<Bytes>, Mute>> {
    Some(Ok(Frame::data(Bytes::from_static(bytes))))
}

/// Polls a body `polls` times, drops it, and gives the row.
async fn row_of_body(script: Script, headers: &[(&'static str, &str)], polls: usize) -> (Outcome, bool) {
    let (telemetry, exporter) = in_memory(Settings::default());
    let mut response = Response::new(script);
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    let response = Arc::new(Mutex::new(Some(response)));
    let answer = move |_: Request<()>| ready(Ok::<_, Infallible>(response.lock().unwrap().take().expect("one call")));
    let service = service_fn(answer);
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
async fn body_ends_its_request_at_its_true_end() {
    let trailers = || Some(Ok(Frame::trailers(HeaderMap::new())));
    let completed = (Outcome::Completed, false);
    assert_eq!(row_of_body(Script(vec![data(b"a"), None]), &[], 2).await, completed);
    assert_eq!(row_of_body(Script(vec![data(b"a"), trailers()]), &[], 2).await, completed);
    // Servers stop asking once the announced length has gone out.
    let announced = [("content-length", "3")];
    assert_eq!(row_of_body(Script(vec![data(b"a"), data(b"bc")]), &announced, 2).await, completed);
    assert_eq!(row_of_body(Script(vec![data(b"a"), data(b"bc")]), &announced, 1).await, (Outcome::Aborted, false));
    assert_eq!(row_of_body(Script(vec![data(b"a"), data(b"bc")]), &[], 2).await, (Outcome::Aborted, false));
    let (outcome, _) = row_of_body(Script(vec![Some(Err(Mute))]), &[], 1).await;
    assert_eq!(outcome.kind(), OutcomeKind::Error);
    let (outcome, _) = row_of_body(Script(vec![]), &[], 1).await;
    assert_eq!(outcome, Outcome::Panicked("a body on fire".into()));
    let events = [("content-type", "text/event-stream; charset=utf-8")];
    assert_eq!(row_of_body(Script(vec![data(b"a")]), &events, 0).await, (Outcome::Completed, true));
}

#[tokio::test]
async fn panic_in_call_is_recorded_and_goes_on() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let service = service_fn(|_: Request<()>| -> Ready<Result<Response<Full<Bytes>>, Infallible>> {
        panic!("number {}", std::hint::black_box(7))
    });
    let mut service = OpenCensusLayer::new(telemetry.clone()).layer(service);
    let result = catch_unwind(AssertUnwindSafe(|| drop(service.call(empty_request()))));
    let panic = result.expect_err("the panic goes on");
    assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some("number 7"));
    assert!(RequestSpan::current().is_none());
    assert_eq!(*ended(&telemetry, &exporter, 1).await[0].outcome(), Outcome::Panicked("number 7".into()));
}

#[tokio::test]
async fn kept_handle_is_harmless_after_the_end() {
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
    Current::Kept(span).end(Some(500), Outcome::Cancelled);
    assert_eq!((telemetry.stats().requests.finished(2), telemetry.stats().requests.finished(5)), (1, 0));
    assert_eq!(ended(&telemetry, &exporter, 1).await[0].name(), "GET");
    let report = telemetry.shutdown(TIMEOUT).await;
    assert!(report.complete, "a kept handle keeps no pipeline open");
}
