//! The error or the panic that ends a request is one exception item below it.

use std::net::SocketAddr;

use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response, StatusCode};
use opencensus::core::{ExceptionRecord, Severity};
use opencensus::exporter::TelemetryItem;
use opencensus::logging::Logging;
use opencensus::sampling::{KeepFailures, SamplerSetting};
use opencensus::{Failure, InMemoryExporter, OpenCensusLayer, OutcomeKind, RequestRecord, RequestTelemetry, Settings};
use serde_json::json;
use test_support::client::{disconnect_when, get as fetch};
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::support::server::Framework;
use crate::support::{SettingsExt as _, ended, in_memory, serve};

#[derive(Debug, thiserror::Error)]
#[error("could not reserve chair {0}")]
struct NotReserved(u32, #[source] std::io::Error);

fn not_reserved() -> NotReserved {
    NotReserved(7, std::io::Error::new(std::io::ErrorKind::TimedOut, "no connection to the stock"))
}

fn reserve() -> Result<(), Failure> {
    Err(not_reserved())?;
    Ok(())
}

/// The line of the `?` in `reserve`.
const RESERVE_LINE: i64 = 31;

fn broken_body() -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + use<> {
    stream::iter([Ok(Bytes::from_static(b"chair")), Err(std::io::Error::other("the disk is gone"))])
}

/// The handler of axum and hyper.
async fn respond(request: Request<()>) -> Result<Response<Body>, Failure> {
    match request.uri().path() {
        "/failure" => reserve()?,
        "/missing" => return Err(Failure::with_cause(StatusCode::NOT_FOUND, not_reserved())),
        "/unavailable" => return Err(Failure::of_status(StatusCode::SERVICE_UNAVAILABLE)),
        "/panic" => panic!("chair {} is broken", 7),
        "/body" => return Ok(Response::new(Body::from_stream(broken_body()))),
        "/handled" => RequestTelemetry::current().record_error(&not_reserved()),
        "/resumed" => {
            assert!(std::panic::catch_unwind(|| panic!("caught before")).is_err());
            std::panic::resume_unwind(Box::new("from another task"));
        }
        "/anyhow" => Err(anyhow::Error::new(not_reserved()).context("no chair for the guest"))?,
        "/forever" => std::future::pending().await,
        _ => {}
    }
    Ok(Response::new(Body::from("a chair")))
}

async fn respond_actix(request: actix_web::HttpRequest) -> Result<actix_web::HttpResponse, Failure> {
    if request.path() == "/body" {
        return Ok(actix_web::HttpResponse::Ok().streaming(broken_body()));
    }
    respond(Request::get(request.path()).body(()).unwrap()).await?;
    Ok(actix_web::HttpResponse::Ok().body("a chair"))
}

async fn start(framework: Framework, telemetry: &opencensus::Telemetry) -> SocketAddr {
    let layer = OpenCensusLayer::new(telemetry.clone());
    match framework {
        Framework::Axum => {
            let app = axum::Router::new().route("/{name}", get(|request: Request<Body>| respond(request.map(|_| ()))));
            serve::axum(app.layer(layer)).await
        }
        Framework::Hyper => {
            let handler = |request: Request<hyper::body::Incoming>| async move {
                let response = respond(request.map(|_| ())).await;
                Ok::<_, std::convert::Infallible>(response.unwrap_or_else(|failure| failure.with_body(Body::empty())))
            };
            serve::hyper(layer.layer(service_fn(handler))).await
        }
        Framework::Actix => serve::actix!(move || {
            actix_web::App::new().route("/{name}", actix_web::web::get().to(respond_actix)).wrap(layer.clone())
        }),
    }
}

/// The request to a path, with its exceptions.
async fn request(framework: Framework, settings: Settings, path: &str) -> (RequestRecord, Vec<ExceptionRecord>) {
    let (telemetry, exporter) = in_memory(settings);
    let address = start(framework, &telemetry).await;
    fetch(address, path).await;
    let request = ended(&telemetry, &exporter, 1).await.remove(0);
    (request, exporter.exceptions())
}

fn attribute(attributes: &[opencensus::Attribute], key: &str) -> Option<String> {
    attributes.iter().find(|attribute| attribute.key == key).map(|attribute| attribute.value.to_string())
}

fn texts(error: &ExceptionRecord) -> (&str, &str, Vec<(&str, &str)>) {
    let causes = error.causes.iter().map(|cause| (cause.type_name.as_deref().unwrap_or("-"), &*cause.message));
    (error.type_name.as_deref().unwrap_or("-"), error.message.as_deref().unwrap_or("-"), causes.collect())
}

const NOT_RESERVED: &str = "suite::frameworks::exceptions::NotReserved";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn error_that_ends_a_request_is_one_exception_below_it() {
    opencensus::install_panic_hook();
    let cause = ("std::io::Error", "no connection to the stock");
    for framework in Framework::ALL {
        for (path, type_name, message, causes) in [
            ("/failure", NOT_RESERVED, "could not reserve chair 7", vec![cause]),
            ("/panic", "panic", "chair 7 is broken", vec![]),
            ("/body", "std::io::Error", "the disk is gone", vec![]),
        ] {
            let (request, errors) = request(framework, Settings::default(), path).await;
            assert_eq!(errors.len(), 1, "{framework:?} {path}: {errors:?}");
            let error = &errors[0];
            assert_eq!(texts(error), (type_name, message, causes), "{framework:?} {path}");
            assert_eq!(error.severity, Some(Severity::Error));
            assert_eq!(error.origin.context, Some(request.context()), "{framework:?} {path}");
            assert_eq!(error.origin.operation.as_deref(), Some(&*request.name()), "{framework:?} {path}");
            let detail = request.outcome().detail().map(str::to_owned);
            let in_row = attribute(request.attributes(), "error.type").or(detail);
            assert_eq!(in_row.as_deref(), Some(type_name), "{framework:?} {path}");
            assert_eq!(attribute(request.attributes(), "error.message"), None, "the exception has it");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exception_has_the_place_of_the_question_mark_or_of_the_panic() {
    opencensus::install_panic_hook();
    for framework in Framework::ALL {
        let place = |error: &ExceptionRecord| {
            let file = attribute(&error.attributes, "code.file.path").unwrap_or_default();
            assert!(file.ends_with("exceptions.rs"), "{framework:?} {file}");
            attribute(&error.attributes, "code.line.number").unwrap().parse::<i64>().unwrap()
        };
        let (_, errors) = request(framework, Settings::default(), "/failure").await;
        assert_eq!(place(&errors[0]), RESERVE_LINE, "{framework:?}");
        let (_, errors) = request(framework, Settings::default(), "/panic").await;
        assert!((RESERVE_LINE + 8..RESERVE_LINE + 30).contains(&place(&errors[0])), "{framework:?} {errors:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exception_has_a_backtrace_if_the_environment_enables_it() {
    opencensus::install_panic_hook();
    let is_enabled = std::backtrace::Backtrace::capture().status() == std::backtrace::BacktraceStatus::Captured;
    for framework in Framework::ALL {
        for path in ["/anyhow", "/panic"] {
            let (_, errors) = request(framework, Settings::default(), path).await;
            let stack = errors[0].stack.as_deref();
            let first = stack.and_then(|stack| stack.lines().nth(1));
            let is_here = first.is_some_and(|place| place.contains("exceptions.rs"));
            assert_eq!(is_here, is_enabled, "{framework:?} {path} {stack:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panic_that_is_resumed_has_no_place_of_another() {
    opencensus::install_panic_hook();
    for framework in Framework::ALL {
        let (_, errors) = request(framework, Settings::default(), "/resumed").await;
        assert_eq!(errors[0].message.as_deref(), Some("from another task"), "{framework:?}");
        assert_eq!(attribute(&errors[0].attributes, "code.file.path"), None, "{framework:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn error_below_500_is_a_property_unless_a_setting_makes_it_an_exception() {
    for framework in Framework::ALL {
        let (row, errors) = request(framework, Settings::default(), "/missing").await;
        assert!(errors.is_empty(), "{framework:?} {errors:?}");
        assert_eq!(attribute(row.attributes(), "error.type").as_deref(), Some(NOT_RESERVED), "{framework:?}");
        assert_eq!(attribute(row.attributes(), "error.message").as_deref(), Some("could not reserve chair 7"));
        let all = Settings::default().with(|s| s.trace.client_error_exceptions = true);
        let (row, errors) = request(framework, all, "/missing").await;
        assert_eq!(errors.len(), 1, "{framework:?}");
        assert_eq!(attribute(row.attributes(), "error.message"), None);
        for path in ["/unavailable", "/chair"] {
            let (row, errors) = request(framework, Settings::default(), path).await;
            assert!(errors.is_empty() && row.attributes().is_empty(), "{framework:?} {path} {errors:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn setting_turns_exceptions_off_and_a_processor_drops_them() {
    for framework in Framework::ALL {
        let off = Settings::default().with(|s| s.trace.exceptions = false);
        for path in ["/failure", "/panic", "/body"] {
            let (row, errors) = request(framework, off.clone(), path).await;
            assert!(errors.is_empty(), "{framework:?} {path} {errors:?}");
            let message = attribute(row.attributes(), "error.message");
            assert_eq!(message.is_some(), path == "/failure", "{framework:?} {path} {message:?}");
        }
        let drops = |item: &mut TelemetryItem| !matches!(item, TelemetryItem::Exception(_));
        let (_, errors) = request(framework, Settings::default().with_processor(drops), "/failure").await;
        assert!(errors.is_empty(), "{framework:?} {errors:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exception_is_sampled_with_its_request() {
    for framework in Framework::ALL {
        let never = Settings::default().with_sampler(SamplerSetting::AlwaysOff);
        for path in ["/failure", "/panic", "/body"] {
            let kept = never.clone().with_keep_failures(KeepFailures::All);
            let (request, errors) = request(framework, kept, path).await;
            assert_eq!(errors.len(), 1, "{framework:?} {path}");
            assert_eq!(
                errors[0].origin.context.map(opencensus::propagation::TraceContext::span_id),
                Some(request.context().span_id())
            );
            assert_eq!(errors[0].origin.rate, Some(opencensus::sampling::SamplingRate::ALL));
        }
        let (telemetry, exporter) = in_memory(never);
        let address = start(framework, &telemetry).await;
        fetch(address, "/failure").await;
        telemetry.flush(test_support::TIMEOUT).await;
        assert!(exporter.items().is_empty(), "{framework:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handled_error_is_a_warning_and_the_request_succeeds() {
    for framework in Framework::ALL {
        let (request, errors) = request(framework, Settings::default(), "/handled").await;
        assert!(request.has_succeeded(false) && request.status() == Some(200), "{framework:?}");
        assert_eq!(errors.len(), 1, "{framework:?}");
        assert_eq!(texts(&errors[0]).1, "could not reserve chair 7");
        assert_eq!((errors[0].severity, errors[0].causes.len()), (Some(Severity::Warning), 1));
        assert_eq!(errors[0].origin.context, Some(request.context()));
        assert!(attribute(&errors[0].attributes, "code.file.path").unwrap().ends_with("exceptions.rs"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_request_is_no_exception() {
    for framework in [Framework::Axum, Framework::Hyper] {
        let (telemetry, exporter) = in_memory(Settings::default());
        let address = start(framework, &telemetry).await;
        let has_begun = async {
            while telemetry.stats().requests.in_flight() == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        };
        disconnect_when(address, "/forever", has_begun).await;
        let request = ended(&telemetry, &exporter, 1).await.remove(0);
        assert_eq!(request.outcome().kind(), OutcomeKind::Cancelled, "{framework:?}");
        assert!(exporter.exceptions().is_empty(), "{framework:?}");
    }
}

/// Telemetry with a logging system whose root logger sends its records as telemetry.
fn logged(settings: Settings, always_from: Option<&str>) -> (opencensus::Telemetry, InMemoryExporter) {
    let logging = Logging::builder().build();
    let (telemetry, exporter) = in_memory(settings.with_logging(&logging));
    let configuration = json!({
        "version": 1,
        "handlers": { "insights": { "class": "application_insights", "always_from": always_from } },
        "root": { "handlers": ["insights"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    (telemetry, exporter)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logging_handler_sends_the_record_of_a_failure_as_a_message() {
    for framework in Framework::ALL {
        for path in ["/failure", "/panic", "/body"] {
            let (telemetry, exporter) = logged(Settings::default(), None);
            fetch(start(framework, &telemetry).await, path).await;
            ended(&telemetry, &exporter, 1).await;
            let (errors, messages) = (exporter.exceptions(), exporter.messages());
            assert_eq!((errors.len(), messages.len()), (1, 1), "{framework:?} {path}");
            assert!(attribute(&messages[0].attributes, "error.message").is_some(), "{:?}", messages[0]);
            assert_eq!(messages[0].severity, Some(Severity::Error));
        }
        let off = Settings::default().with(|s| s.trace.exceptions = false);
        let (telemetry, exporter) = logged(off, None);
        fetch(start(framework, &telemetry).await, "/failure").await;
        ended(&telemetry, &exporter, 1).await;
        let errors = exporter.exceptions();
        assert_eq!(
            (errors.len(), exporter.messages().len()),
            (1, 0),
            "{framework:?}: then the record is the exception"
        );
        assert_eq!(texts(&errors[0]).2, [("std::io::Error", "no connection to the stock")]);
    }
}

#[tokio::test]
async fn record_that_is_always_sent_is_the_exception_of_a_request_that_is_not_kept() {
    let never = Settings::default().with_sampler(SamplerSetting::AlwaysOff);
    let (telemetry, exporter) = logged(never, Some("ERROR"));
    fetch(start(Framework::Axum, &telemetry).await, "/failure").await;
    telemetry.flush(test_support::TIMEOUT).await;
    assert_eq!((exporter.exceptions().len(), exporter.items().len()), (1, 1));
}

#[derive(Debug, thiserror::Error)]
#[error("sold out")]
struct SoldOut;

impl actix_web::ResponseError for SoldOut {}

async fn actix_errors(request: actix_web::HttpRequest) -> actix_web::Result<String> {
    let boxed = || Box::<dyn std::error::Error>::from(not_reserved());
    match request.path() {
        "/own" => Err(SoldOut.into()),
        "/boxed" => Err(boxed().into()),
        _ => Err(actix_web::error::ErrorInternalServerError("just words")),
    }
}

#[tokio::test]
async fn errors_and_rejections_of_actix_are_exceptions() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let layer = OpenCensusLayer::new(telemetry.clone());
    let address = serve::actix!(move || {
        use actix_web::web;
        actix_web::App::new()
            .route("/data", web::get().to(async |_: web::Data<SoldOut>| "never"))
            .route("/number/{n}", web::get().to(async |_: web::Path<u8>| "never"))
            .route("/{name}", web::get().to(actix_errors))
            .wrap(layer.clone())
    });
    for path in ["/own", "/boxed", "/words", "/data", "/number/x"] {
        fetch(address, path).await;
    }
    let requests = ended(&telemetry, &exporter, 5).await;
    let errors = exporter.exceptions();
    let found: Vec<_> = errors.iter().map(texts).collect();
    assert_eq!(found[0], ("SoldOut", "sold out", vec![]));
    let cause = ("std::io::Error", "no connection to the stock");
    assert_eq!(found[1], ("NotReserved", "could not reserve chair 7", vec![cause]));
    assert_eq!((found[2].1, found.len()), ("just words", 4), "{found:?}");
    assert!(found[3].1.contains("application data is not configured"), "{found:?}");
    let rejected = attribute(requests[4].attributes(), "error.message").unwrap();
    assert!(requests[4].status() == Some(404) && rejected.contains("can not parse"), "{rejected}");
}

#[tokio::test]
async fn error_of_a_service_and_a_body_that_ends_early_are_exceptions() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let handler = |request: Request<hyper::body::Incoming>| async move {
        if request.uri().path() == "/short" {
            let response = Response::builder().header("content-length", "9");
            return Ok(response.body(Body::from_stream(stream::iter([Ok::<_, std::io::Error>("short")]))).unwrap());
        }
        if request.uri().path() == "/both" {
            return Ok(reserve().unwrap_err().with_body(Body::from_stream(broken_body())));
        }
        Err::<Response<Body>, tower::BoxError>(Box::new(not_reserved()))
    };
    let address = serve::hyper(OpenCensusLayer::new(telemetry.clone()).layer(service_fn(handler))).await;
    fetch(address, "/error").await;
    fetch(address, "/short").await;
    fetch(address, "/both").await;
    ended(&telemetry, &exporter, 3).await;
    let errors = exporter.exceptions();
    let cause = ("std::io::Error", "no connection to the stock");
    assert_eq!(texts(&errors[0]), ("NotReserved", "could not reserve chair 7", vec![cause]));
    assert_eq!(texts(&errors[1]), ("IncompleteBody", "the body ended after 5 of 9 bytes", vec![]));
    assert_eq!(texts(&errors[2]).0, NOT_RESERVED);
    assert_eq!(errors.len(), 3, "one of each request, though both its handler and its body failed");
}

#[tokio::test]
async fn exception_is_below_its_own_request_whatever_span_surrounds_it() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let layer = OpenCensusLayer::new(telemetry.clone());
    let inner = layer.layer(service_fn(|_: Request<()>| async {
        Ok::<_, std::convert::Infallible>(reserve().unwrap_err().with_body(Body::empty()))
    }));
    let outer = layer.layer(service_fn(move |request: Request<()>| {
        let inner = inner.clone();
        async move {
            let _kept = request;
            let call = opencensus::core::current::get().unwrap().child_context();
            let _entered = opencensus::core::current::enter_span(call);
            inner.oneshot(Request::get("/inner").header("host", "stock").body(()).unwrap()).await
        }
    }));
    outer.oneshot(Request::get("/outer").header("host", "shop").body(()).unwrap()).await.unwrap();
    let requests = ended(&telemetry, &exporter, 2).await;
    let inner = requests.iter().find(|request| request.path() == "/inner").unwrap();
    let errors = exporter.exceptions();
    assert!(errors.iter().any(|error| error.origin.context == Some(inner.context())), "{errors:?}");
}

#[tokio::test]
async fn failure_is_an_exception_of_its_request_in_the_portal_with_its_causes() {
    let portal = opencensus_portal::Portal::start().unwrap();
    let settings = Settings::default().with_store(false);
    let telemetry = settings.with_connection_string(portal.connection_string().parse().unwrap()).start().unwrap();
    fetch(start(Framework::Axum, &telemetry).await, "/failure").await;
    assert!(telemetry.shutdown(test_support::TIMEOUT).await.complete);
    let find = |kind| {
        let found =
            portal.wait_for_within(opencensus_portal::Filter::default().of_kind(kind), 1, test_support::TIMEOUT);
        async move { found.await.unwrap().remove(0) }
    };
    let request = find(opencensus_portal::ItemKind::Request).await;
    let error = find(opencensus_portal::ItemKind::Exception).await;
    assert_eq!((error.parent_id, error.operation_id), (request.item_id, request.operation_id));
    assert_eq!((&*error.name, error.operation_name), (NOT_RESERVED, request.operation_name));
    assert_eq!(error.message.as_deref(), Some("could not reserve chair 7"));
    assert_eq!(error.causes, ["std::io::Error: no connection to the stock"]);
    assert_eq!((&*request.properties["error.type"], error.severity.as_deref()), (NOT_RESERVED, Some("Error")));
    let page = format!("GET /items/{} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", error.id);
    let page = test_support::client::raw(portal.address(), &page).await;
    assert!(page.contains("Caused by std::io::Error") && page.contains("no connection to the stock"), "{page}");
}
