//! Each failure of a handler is one log record, and the client receives only the status.

use std::convert::Infallible;

use actix_web::web;
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use opencensus::security::{AllowedHosts, AllowedHostsLayer};
use opencensus::{Failure, OpenCensusLayer, Settings, SuspiciousOperation, Telemetry};
use opencensus_logging::Logging;
use serde_json::json;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};

use crate::support::in_memory;
use opencensus_logging::handlers::Stream;
use test_support::captured::Captured;
use test_support::{TIMEOUT, client};

/// A text that no client may receive.
const SECRET: &str = "hunter2";

fn failing(path: &str) -> Failure {
    match path.trim_start_matches('/') {
        "suspicious" => SuspiciousOperation::new("TooManyFilesSent", format!("{SECRET} files")).into(),
        "denied" => Failure::permission_denied(format!("not for {SECRET}")),
        "csrf" => Failure::csrf("no token"),
        "error" => std::io::Error::other(SECRET).into(),
        _ => Failure::not_found(),
    }
}

fn hosts() -> AllowedHostsLayer {
    AllowedHostsLayer::new(AllowedHosts::new(["shop.example"]))
}

/// Starts a server with the framework's own kind of handler, and returns its address.
async fn serve(framework: &str, telemetry: Telemetry) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    match framework {
        "axum" => {
            let handler = |request: axum::extract::Request| async move { Err::<(), _>(failing(request.uri().path())) };
            let app =
                Router::new().route("/{*path}", get(handler)).layer(hosts()).layer(OpenCensusLayer::new(telemetry));
            tokio::spawn(axum::serve(listener, app).into_future());
        }
        "hyper" => {
            let handler = |request: Request<hyper::body::Incoming>| async move {
                Ok::<_, Infallible>(failing(request.uri().path()).with_body(Full::<Bytes>::default()))
            };
            let service = ServiceBuilder::new()
                .layer(OpenCensusLayer::new(telemetry))
                .layer(hosts())
                .service(service_fn(handler));
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let service = TowerToHyperService::new(service.clone());
                    let connection = async move {
                        let _ = auto::Builder::new(TokioExecutor::new())
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                    };
                    tokio::spawn(connection);
                }
            });
        }
        _ => {
            let listener = listener.into_std().unwrap();
            std::thread::spawn(move || {
                let server = actix_web::HttpServer::new(move || {
                    let handler = |request: actix_web::HttpRequest| async move {
                        Err::<actix_web::HttpResponse, _>(failing(request.path()))
                    };
                    actix_web::App::new()
                        .route("/{path}", web::get().to(handler))
                        .wrap(hosts())
                        .wrap(OpenCensusLayer::new(telemetry.clone()))
                });
                let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
                actix_web::rt::System::new().block_on(server).unwrap();
            });
        }
    }
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_failure_is_one_log_record_and_reveals_nothing_to_the_client() {
    for framework in ["axum", "hyper", "actix"] {
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
        let address = serve(framework, telemetry.clone()).await;
        let mut statuses = Vec::new();
        for (host, path) in [
            ("shop.example", "suspicious"),
            ("shop.example", "denied"),
            ("shop.example", "csrf"),
            ("shop.example", "error"),
            ("shop.example", "nowhere"),
            ("evil.example", "error"),
        ] {
            let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            let response = client::raw(address, &request).await;
            assert!(!response.contains(SECRET), "{framework}: {response}");
            statuses.push(response.split(' ').nth(1).unwrap().to_owned());
        }
        assert_eq!(statuses, ["400", "403", "403", "500", "404", "400"], "{framework}");
        telemetry.shutdown(TIMEOUT).await;
        assert!(logging.flush(TIMEOUT));
        let expected = "\
            ERROR opencensus.security.TooManyFilesSent 400 hunter2 files\n\
            SuspiciousOperation: hunter2 files\n\
            WARNING opencensus.request 403 Forbidden (Permission denied): /denied\n\
            not for hunter2\n\
            WARNING opencensus.security.csrf 403 Forbidden (no token): /csrf\n\
            ERROR opencensus.request 500 Internal Server Error: /error\n\
            std::io::Error: hunter2\n\
            WARNING opencensus.request 404 Not Found: /nowhere\n\
            ERROR opencensus.security.DisallowedHost 400 Invalid HTTP_HOST header: 'evil.example'. You may need to add \
            'evil.example' to ALLOWED_HOSTS.\n\
            SuspiciousOperation: Invalid HTTP_HOST header: 'evil.example'. You may need to add 'evil.example' to \
            ALLOWED_HOSTS.\n";
        assert_eq!(stderr.text(), expected, "{framework}");
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
