//! Filters, formatters and handlers in code read the request of a record: method, path, headers, peer and user.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use actix_web::web;
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use opencensus::sampling::SamplerSetting;
use opencensus::{Failure, OpenCensusLayer, RequestTelemetry, Settings, Telemetry};
use opencensus_logging::handlers::{Handler, HandlerError};
use opencensus_logging::{Level, Logging, Record};
use serde_json::json;
use test_support::{TIMEOUT, client};
use tower::{ServiceBuilder, service_fn};

use crate::support::server::Framework;
use crate::support::{SettingsExt as _, in_memory, serve};

fn respond(telemetry: &RequestTelemetry, path: &str) -> Failure {
    telemetry.set_user("ann");
    Failure::of_status(if path == "/ok" { StatusCode::OK } else { StatusCode::NOT_FOUND })
}

async fn start(framework: Framework, telemetry: Telemetry) -> SocketAddr {
    match framework {
        Framework::Axum => {
            let handler = |telemetry: RequestTelemetry, request: axum::extract::Request| async move {
                respond(&telemetry, request.uri().path())
            };
            serve::axum(Router::new().route("/{name}", get(handler)).layer(OpenCensusLayer::new(telemetry))).await
        }
        Framework::Hyper => {
            let handler = |request: Request<hyper::body::Incoming>| async move {
                let failure = respond(&RequestTelemetry::of(request.extensions()), request.uri().path());
                Ok::<_, Infallible>(failure.with_body(Full::<Bytes>::default())) as Result<Response<_>, _>
            };
            serve::hyper(ServiceBuilder::new().layer(OpenCensusLayer::new(telemetry)).service(service_fn(handler)))
                .await
        }
        Framework::Actix => serve::actix!(move || {
            let handler = |telemetry: RequestTelemetry, request: actix_web::HttpRequest| async move {
                Err::<&str, _>(respond(&telemetry, request.path()))
            };
            actix_web::App::new().route("/{name}", web::get().to(handler)).wrap(OpenCensusLayer::new(telemetry.clone()))
        }),
    }
}

/// Keeps `logger method path agent peer user`.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<String>>>);

impl Handler for Collector {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        self.0.lock().unwrap().push(facts(record));
        Ok(())
    }
}

fn facts(record: &Record) -> String {
    let Some(request) = record.request() else { return format!("{} -", record.logger) };
    let texts =
        [Some(request.method()), Some(request.path()), request.header("x-tenant"), request.peer(), request.user()];
    let texts = texts.map(|text| text.unwrap_or("-")).join(" ");
    format!("{} {texts}", record.logger)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_reads_method_path_headers_peer_and_user_of_a_records_request() {
    for framework in Framework::ALL {
        for sampler in [SamplerSetting::AlwaysOn, SamplerSetting::AlwaysOff] {
            let collector = Collector::default();
            let passed = Arc::new(Mutex::new(Vec::new()));
            let seen = Arc::clone(&passed);
            let callback = move |record: &Record| {
                seen.lock().unwrap().push(facts(record));
                record.request().is_none_or(|request| request.header("x-tenant") != Some("red"))
            };
            let logging = Logging::builder().with_callback("not_red", callback).build();
            let configuration = json!({
                "version": 1,
                "filters": { "not_red": { "()": "django.utils.log.CallbackFilter", "callback": "not_red" } },
                "loggers": { "opencensus": { "level": "INFO", "filters": [] } },
                "handlers": { "null": { "class": "logging.NullHandler", "filters": ["not_red"] } },
                "root": { "handlers": ["null"] },
            });
            logging.configure(&configuration).unwrap();
            logging.add_handler("opencensus", "collector", Level::INFO, collector.clone());
            let settings = Settings::default().with_logging(&logging).with(|s| s.trace.server_log = Some(true));
            let (telemetry, _) = in_memory(settings.with_sampler(sampler));
            let address = start(framework, telemetry.clone()).await;
            client::request(address, "GET", "/ok", "x-tenant: blue\r\n").await;
            client::request(address, "GET", "/lost", "x-tenant: red\r\n").await;
            telemetry.shutdown(TIMEOUT).await;
            assert!(logging.flush(TIMEOUT));
            let expected = [
                "opencensus.server GET /ok blue 127.0.0.1 ann",
                "opencensus.request GET /lost red 127.0.0.1 ann",
                "opencensus.server GET /lost red 127.0.0.1 ann",
            ];
            assert_eq!(*collector.0.lock().unwrap(), expected, "{framework:?}");
            assert_eq!(*passed.lock().unwrap(), expected, "{framework:?}");
        }
    }
}

#[test]
fn requests_are_not_copied_for_built_in_handlers_alone() {
    let logging = Logging::builder().build();
    let configuration = json!({
        "version": 1,
        "handlers": { "console": { "class": "console" } },
        "root": { "handlers": ["console"] },
    });
    logging.configure(&configuration).unwrap();
    let (_telemetry, _) = in_memory(Settings::default().with_logging(&logging));
    assert!(!logging.reads_requests(), "also with the classes that the telemetry adds");
    logging.set_reads_requests(true);
    assert!(logging.reads_requests());
    assert!(Logging::builder().with_callback("all", |_| true).build().reads_requests());
}
