//! Each failure of a handler is one log record, and the client receives only the status.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;

use actix_web::web;
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use opencensus::security::{AllowedHosts, AllowedHostsLayer};
use opencensus::{Failure, OpenCensusLayer, Settings, SuspiciousOperation, Telemetry};
use opencensus_logging::Logging;
use serde_json::json;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};

use crate::support::server::Framework;
use crate::support::{in_memory, serve};
use opencensus_logging::handlers::Stream;
use test_support::captured::Captured;
use test_support::{TIMEOUT, client};

#[derive(Debug, thiserror::Error)]
#[error("no chairs")]
struct OutOfStock;

/// A text that no client may receive.
const SECRET: &str = "hunter2";

fn failing(path: &str) -> Failure {
    match path.trim_start_matches('/') {
        "suspicious" => SuspiciousOperation::new("TooManyFilesSent", format!("{SECRET} files")).into(),
        "denied" => Failure::permission_denied(format!("not for {SECRET}")),
        "csrf" => Failure::csrf("no token"),
        "error" => std::io::Error::other(SECRET).into(),
        "boxed" => Failure::from(Box::<dyn Error + Send + Sync>::from("x".parse::<u8>().unwrap_err())),
        "own" => OutOfStock.into(),
        "erased" => anyhow::Error::new(OutOfStock).context(SECRET).into(),
        _ => Failure::not_found(),
    }
}

fn hosts() -> AllowedHostsLayer {
    AllowedHostsLayer::new(AllowedHosts::new(["shop.example"]))
}

/// Starts a server with the framework's own kind of handler, and returns its address.
async fn start(framework: Framework, telemetry: Telemetry) -> SocketAddr {
    match framework {
        Framework::Axum => {
            let handler = |request: axum::extract::Request| async move { Err::<(), _>(failing(request.uri().path())) };
            let app = Router::new().route("/{*path}", get(handler));
            serve::axum(app.layer(hosts()).layer(OpenCensusLayer::new(telemetry))).await
        }
        Framework::Hyper => {
            let handler = |request: Request<hyper::body::Incoming>| async move {
                Ok::<_, Infallible>(failing(request.uri().path()).with_body(Full::<Bytes>::default()))
            };
            let layers = ServiceBuilder::new().layer(OpenCensusLayer::new(telemetry)).layer(hosts());
            serve::hyper(layers.service(service_fn(handler))).await
        }
        Framework::Actix => serve::actix!(move || {
            let handler = |request: actix_web::HttpRequest| async move {
                Err::<actix_web::HttpResponse, _>(failing(request.path()))
            };
            actix_web::App::new()
                .route("/{path}", web::get().to(handler))
                .wrap(hosts())
                .wrap(OpenCensusLayer::new(telemetry.clone()))
        }),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_failure_is_one_log_record_and_reveals_nothing_to_the_client() {
    for framework in Framework::ALL {
        let stderr = Captured::default();
        let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
        let configuration = json!({
            "version": 1,
            "formatters": { "f": { "format": "%(levelname)s %(name)s %(status_code)s %(message)s" } },
            "handlers": { "console": { "class": "console", "formatter": "f" } },
            "root": { "handlers": ["console"], "level": "DEBUG" },
        });
        logging.configure(&configuration).unwrap();
        let (telemetry, _) = in_memory(Settings::default().with_logging(&logging));
        let address = start(framework, telemetry.clone()).await;
        let mut statuses = Vec::new();
        for (host, path) in [
            ("shop.example", "suspicious"),
            ("shop.example", "denied"),
            ("shop.example", "csrf"),
            ("shop.example", "error"),
            ("shop.example", "boxed"),
            ("shop.example", "own"),
            ("shop.example", "erased"),
            ("shop.example", "nowhere"),
            ("evil.example", "error"),
        ] {
            let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            let response = client::raw(address, &request).await;
            assert!(!response.contains(SECRET), "{framework:?}: {response}");
            statuses.push(response.split(' ').nth(1).unwrap().to_owned());
        }
        assert_eq!(statuses, ["400", "403", "403", "500", "500", "500", "500", "404", "400"], "{framework:?}");
        telemetry.shutdown(TIMEOUT).await;
        assert!(logging.flush(TIMEOUT));
        let expected = "\
            ERROR opencensus.security.TooManyFilesSent 400 hunter2 files\n\
            opencensus::SuspiciousOperation: hunter2 files\n\
            WARNING opencensus.request 403 Forbidden (Permission denied): /denied\n\
            not for hunter2\n\
            WARNING opencensus.security.csrf 403 Forbidden (no token): /csrf\n\
            ERROR opencensus.request 500 Internal Server Error: /error\n\
            std::io::Error: hunter2\n\
            ERROR opencensus.request 500 Internal Server Error: /boxed\n\
            std::num::ParseIntError: invalid digit found in string\n\
            ERROR opencensus.request 500 Internal Server Error: /own\n\
            suite::frameworks::failures::OutOfStock: no chairs\n\
            ERROR opencensus.request 500 Internal Server Error: /erased\n\
            OutOfStock: no chairs\n\n\
            The above exception was the direct cause of the following exception:\n\n\
            OutOfStock: hunter2\n\
            WARNING opencensus.request 404 Not Found: /nowhere\n\
            ERROR opencensus.security.DisallowedHost 400 Invalid HTTP_HOST header: 'evil.example'. You may need to add \
            'evil.example' to ALLOWED_HOSTS.\n\
            opencensus::SuspiciousOperation: Invalid HTTP_HOST header: 'evil.example'. You may need to add 'evil.example' to \
            ALLOWED_HOSTS.\n";
        assert_eq!(stderr.text(), expected, "{framework:?}");
    }
}

#[tokio::test]
async fn panics_and_errors_of_services_are_log_records_with_an_error() {
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "handlers": { "console": { "class": "console" } },
        "loggers": { "django.request": { "handlers": ["console"] } },
    });
    logging.configure(&configuration).unwrap();
    let (telemetry, _) = in_memory(Settings::default().with_logging(&logging));
    let app = Router::new()
        .route("/boom", get(|| async { panic!("the shop is on fire") as &'static str }))
        .layer(OpenCensusLayer::new(telemetry));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    client::get(address, "/boom").await;
    server.abort();
    assert!(logging.flush(TIMEOUT));
    let text = stderr.text();
    assert_eq!(text, "Internal Server Error: /boom\nthe shop is on fire\n");
}
