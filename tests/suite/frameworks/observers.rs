//! Observers receive responses and ends of requests; built-in ones emit events of `tracing`.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty, Full};
use opencensus::core::EndEvent;
use opencensus::logging::Logging;
use opencensus::logging::handlers::Stream;
use opencensus::sampling::SamplerSetting;
use opencensus::security::Suspicion;
use opencensus::settings::CustomObserver;
use opencensus::{Observer, OpenCensusLayer, OutcomeKind, RequestTelemetry, ResponseEvent, Settings};
use tower::{Layer, ServiceExt, service_fn};
use tracing::{Dispatch, dispatcher};

use crate::support::SettingsExt as _;
use crate::support::events::EventRecorder;
use crate::support::in_memory;
use crate::support::server::{Framework, Server};
use test_support::TIMEOUT;
use test_support::captured::Captured;
use test_support::client::{disconnect_midway, get, request};

/// The events of one request that `handler` responds to, under these settings.
async fn events(settings: Settings, handler: impl Fn() -> Response<Empty<Bytes>> + Clone) -> Vec<String> {
    let (telemetry, _) = in_memory(settings);
    let service = service_fn(move |_: Request<()>| {
        let response = handler();
        async { Ok::<_, Infallible>(response) }
    });
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = Request::get("/a%0Ab?token=x").header("traceparent", traceparent).body(()).unwrap();
    let recorder = Dispatch::new(EventRecorder::default());
    let _default = dispatcher::set_default(&recorder);
    OpenCensusLayer::new(telemetry).layer(service).oneshot(request).await.unwrap();
    EventRecorder::take(&recorder)
}

fn response(status: u16) -> Response<Empty<Bytes>> {
    Response::builder().status(status).body(Empty::new()).unwrap()
}

fn suspicious() -> Response<Empty<Bytes>> {
    let mut response = response(400);
    response.extensions_mut().insert(Suspicion("DisallowedHost"));
    response
}

const TRACE: &str = "trace_id=4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn failures_are_events_whether_the_request_is_kept_or_not() {
    let unsampled = Settings::default().with_sampler(SamplerSetting::AlwaysOff);
    let hidden = Settings::default().with_blacklist_paths(["/"]);
    for settings in [Settings::default(), unsampled, hidden] {
        let settings = settings.with(|s| s.trace.request_events = Some(true));
        let line = |level: &str, status: u16, reason: &str| {
            format!("{level} opencensus.request message={reason}: /a%0Ab status={status} method=\"GET\" {TRACE}")
        };
        assert_eq!(events(settings.clone(), || response(503)).await, [line("ERROR", 503, "Service Unavailable")]);
        assert_eq!(events(settings.clone(), || response(404)).await, [line("WARN", 404, "Not Found")]);
        assert!(events(settings.clone(), || response(302)).await.is_empty());
        let security = line("ERROR", 400, "Bad Request").replace(".request", ".security");
        let lines = events(settings, suspicious).await;
        assert_eq!(lines, [format!("{security} kind=\"DisallowedHost\"")]);
    }
}

#[tokio::test]
async fn every_response_is_a_line_of_the_server_log() {
    let line = |level: &str, status: u16| {
        format!("{level} opencensus.server message=GET /a%0Ab?token=REDACTED HTTP/1.1 status={status} length=0 {TRACE}")
    };
    for settings in [
        Settings::default().with(|s| s.trace.server_log = Some(true)),
        Settings::default().with(|s| s.debug = Some(true)),
    ] {
        assert_eq!(events(settings.clone(), || response(302)).await, [line("INFO", 302)]);
        let failures = events(settings, || response(503)).await;
        assert_eq!((failures.len(), &failures[0]), (2, &line("ERROR", 503)), "{failures:?}");
    }
    let silent = Settings::default().with(|s| s.debug = Some(true)).with(|s| s.trace.server_log = Some(false));
    assert!(events(silent, || response(302)).await.is_empty());
}

/// Keeps the method and the length of each response.
#[derive(Clone, Debug, Default)]
struct Lengths(Arc<Mutex<Vec<MethodAndLength>>>);

type MethodAndLength = (String, Option<u64>);

impl Observer for Lengths {
    fn observes_success(&self) -> bool {
        true
    }

    fn on_response(&self, event: &ResponseEvent<'_>) {
        self.0.lock().unwrap().push((event.method.to_owned(), event.length));
    }
}

#[tokio::test]
async fn response_to_head_has_the_length_zero_in_the_server_log() {
    for framework in Framework::ALL {
        let lengths = Lengths::default();
        let settings = Settings::default().with(|s| s.trace.observers.push(CustomObserver::new(lengths.clone())));
        let (telemetry, _) = in_memory(settings);
        let server = Server::start(framework, telemetry).await;
        for method in ["GET", "HEAD"] {
            request(server.address, method, "/users/7", "").await;
        }
        server.stop().await;
        let lengths = lengths.0.lock().unwrap().clone();
        assert!(lengths[0].1.is_some_and(|length| length > 0), "{framework:?} {lengths:?}");
        assert_eq!(lengths[1], ("HEAD".to_owned(), Some(0)), "{framework:?}");
    }
}

#[tokio::test]
async fn each_kind_of_event_can_be_switched_off() {
    let quiet = Settings::default().with(|s| s.trace.request_events = Some(false));
    assert!(events(quiet.clone(), || response(500)).await.is_empty());
    assert_eq!(events(quiet, suspicious).await.len(), 1);
    let quiet = Settings::default().with(|s| s.trace.security_events = false);
    assert!(events(quiet.clone(), suspicious).await.is_empty());
    assert_eq!(events(quiet, || response(500)).await.len(), 1);
}

#[tokio::test]
async fn client_errors_are_no_events_unless_the_settings_ask_for_them() {
    assert!(events(Settings::default(), || response(404)).await.is_empty());
    assert_eq!(events(Settings::default(), || response(500)).await.len(), 1);
    let all = Settings::default().with(|s| s.trace.request_events = Some(true));
    let lines = events(all, || response(404)).await;
    assert!(lines.len() == 1 && lines[0].starts_with("WARN opencensus.request"), "{lines:?}");
}

/// Status, path, error.
type Received = (u16, String, Option<String>);

#[derive(Clone, Debug, Default)]
struct ResponseCollector(Arc<Mutex<Vec<Received>>>);

impl Observer for ResponseCollector {
    fn on_response(&self, event: &ResponseEvent<'_>) {
        let current = RequestTelemetry::current().context();
        assert_eq!(event.context, current, "the request is current");
        let received = (event.status, event.path.to_owned(), event.error.map(str::to_owned));
        self.0.lock().unwrap().push(received);
    }
}

#[tokio::test]
async fn custom_observer_receives_errors_and_panics() {
    for framework in Framework::ALL {
        let observer = ResponseCollector::default();
        let (telemetry, _) =
            in_memory(Settings::default().with(|s| s.trace.observers.push(CustomObserver::new(observer.clone()))));
        let server = Server::start(framework, telemetry).await;
        for path in ["/users/7", "/forbidden", "/fail", "/boom"] {
            get(server.address, path).await;
        }
        server.stop().await;
        let received = observer.0.lock().unwrap().clone();
        let statuses: Vec<_> = received.iter().map(|(status, path, _)| (*status, path.as_str())).collect();
        assert_eq!(statuses, [(403, "/forbidden"), (500, "/fail"), (500, "/boom")], "{framework:?}");
        assert!(
            received[2].2.as_deref().is_some_and(|message| message.contains("on fire")),
            "{framework:?}: {received:?}"
        );
    }
}

#[tokio::test]
async fn log_record_of_a_failure_has_the_route_of_its_handler_as_its_place() {
    for framework in Framework::ALL {
        let stderr = Captured::default();
        let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
        let configuration = serde_json::json!({
            "version": 1,
            "formatters": { "f": { "format": "%(pathname)s:%(lineno)d" } },
            "handlers": { "console": { "class": "console", "formatter": "f" } },
            "root": { "handlers": ["console"], "level": "INFO" },
        });
        logging.configure(&configuration).unwrap();
        let (telemetry, _) = in_memory(Settings::default().with_logging(&logging));
        let server = Server::start(framework, telemetry).await;
        for path in ["/fail", "/boom", "/nowhere"] {
            get(server.address, path).await;
        }
        server.stop().await;
        assert!(logging.flush(TIMEOUT));
        let text = stderr.text();
        let places: Vec<_> = text.lines().filter(|line| line.ends_with(":0")).collect();
        assert_eq!(places, ["/fail:0", "/boom:0", "(no route):0"], "{framework:?}: {text}");
    }
}

/// Method, path, status, outcome, bytes of the body, whether the request was current.
type End = (String, String, Option<u16>, OutcomeKind, u64, bool);

#[derive(Clone, Debug, Default)]
struct EndCollector(Arc<Mutex<Vec<End>>>);

impl Observer for EndCollector {
    fn observes_end(&self) -> bool {
        true
    }

    fn on_response(&self, _: &ResponseEvent<'_>) {}

    fn on_end(&self, end: &EndEvent<'_>) {
        let is_current = end.context.is_some() && end.context == RequestTelemetry::current().context();
        assert!(end.duration > Duration::ZERO);
        let outcome = end.outcome.kind();
        let end = (end.method.to_owned(), end.path.to_owned(), end.status, outcome, end.body_bytes, is_current);
        self.0.lock().unwrap().push(end);
    }
}

#[tokio::test]
async fn end_of_every_request_is_observed_once_whether_it_is_kept_or_not() {
    for framework in Framework::ALL {
        for sampler in [SamplerSetting::AlwaysOn, SamplerSetting::AlwaysOff] {
            let observer = EndCollector::default();
            let observers = vec![CustomObserver::new(observer.clone())];
            let settings = Settings::default().with_sampler(sampler.clone()).with(|s| s.trace.observers = observers);
            let (telemetry, _) = in_memory(settings);
            let server = Server::start(framework, telemetry.clone()).await;
            for path in ["/users/7", "/forbidden", "/stream", "/boom"] {
                get(server.address, path).await;
            }
            disconnect_midway(server.address, "/stream").await;
            let have_all_ended = || observer.0.lock().unwrap().len() == 5;
            let deadline = tokio::time::Instant::now() + TIMEOUT;
            while !have_all_ended() && tokio::time::Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            server.stop().await;
            // An observed request is counted at its end, and not again when its parts are dropped.
            let requests = telemetry.stats().requests;
            let finished: u64 = (0..=5).map(|class| requests.finished(class)).sum();
            assert_eq!((requests.started(), finished), (5, 5), "{framework:?}: {requests:?}");
            let ends = observer.0.lock().unwrap().clone();
            let end = |path: &str, status, outcome, bytes| {
                ("GET".to_owned(), path.to_owned(), Some(status), outcome, bytes, true)
            };
            let expected = [
                end("/users/7", 200, OutcomeKind::Completed, 6),
                end("/forbidden", 403, OutcomeKind::Completed, 0),
                end("/stream", 200, OutcomeKind::Completed, 24),
                end("/boom", 500, OutcomeKind::Panicked, 0),
            ];
            assert_eq!(ends[..4], expected, "{framework:?}");
            assert_eq!((ends[4].2, ends[4].3, ends.len()), (Some(200), OutcomeKind::Aborted, 5), "{framework:?}");
        }
    }
}

#[tokio::test]
async fn panic_in_a_body_is_reported_as_an_end_and_not_as_a_second_response() {
    let (responses, ends) = (ResponseCollector::default(), EndCollector::default());
    let observers = vec![CustomObserver::new(responses.clone()), CustomObserver::new(ends.clone())];
    let (telemetry, _) = in_memory(Settings::default().with(|s| s.trace.observers = observers));
    let service = service_fn(|_: Request<()>| async {
        let body =
            Full::new(Bytes::from("x")).map_frame(|_| -> http_body::Frame<Bytes> { panic!("the body is on fire") });
        Ok::<_, Infallible>(Response::new(body))
    });
    let response = OpenCensusLayer::new(telemetry).layer(service).oneshot(Request::new(())).await.unwrap();
    assert!(tokio::spawn(response.into_body().collect()).await.unwrap_err().is_panic());
    assert!(responses.0.lock().unwrap().is_empty());
    let ends = ends.0.lock().unwrap();
    assert_eq!((ends.len(), ends[0].2, ends[0].3), (1, Some(500), OutcomeKind::Panicked));
}
