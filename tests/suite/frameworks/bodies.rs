//! A response that fails after its head is a failure for telemetry, loggers and mails, on every framework.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::{HttpResponse, web};
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use opencensus::sampling::SamplerSetting;
use opencensus::{OpenCensusLayer, Outcome, Settings, Telemetry};
use opencensus_logging::Logging;
use opencensus_logging::handlers::Stream;
use opencensus_logging::mail::{MailSettings, MemoryBackend};
use serde_json::json;
use test_support::captured::Captured;
use test_support::{TIMEOUT, client};
use tokio::time::{Sleep, sleep};
use tower::{ServiceBuilder, service_fn};

use crate::support::server::Framework;
use crate::support::{ended, in_memory, serve};

const ANNOUNCED: u64 = 5000;
const SENT: usize = 3000;

/// How a body goes on after its first 3000 bytes.
#[derive(Clone, Copy, Debug)]
enum Rest {
    End,
    Error,
    Panic,
}

impl Rest {
    fn of(path: &str) -> Self {
        match path {
            "/short" => Self::End,
            "/broken" => Self::Error,
            "/panic" => Self::Panic,
            other => panic!("{other}"),
        }
    }

    /// The length that the head announces.
    fn announced(self) -> Option<u64> {
        matches!(self, Self::End).then_some(ANNOUNCED)
    }
}

/// A body of 3000 bytes that ends early, fails, or panics. The pause lets the server send the head first.
struct FailingBody {
    rest: Rest,
    is_sent: bool,
    pause: Pin<Box<Sleep>>,
}

impl FailingBody {
    fn new(rest: Rest) -> Self {
        Self { rest, is_sent: false, pause: Box::pin(sleep(Duration::from_millis(20))) }
    }
}

impl Body for FailingBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !std::mem::replace(&mut self.is_sent, true) {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; SENT])))));
        }
        ready!(self.pause.as_mut().poll(cx));
        match self.rest {
            Rest::End => Poll::Ready(None),
            Rest::Error => {
                Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, "the stock does not respond"))))
            }
            Rest::Panic => panic!("the body is on fire"),
        }
    }
}

impl MessageBody for FailingBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        self.rest.announced().map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, io::Error>>> {
        let frame = ready!(self.poll_frame(cx));
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default())))
    }
}

fn response(path: &str) -> Response<FailingBody> {
    let rest = Rest::of(path);
    let mut response = Response::new(FailingBody::new(rest));
    if let Some(length) = rest.announced() {
        response.headers_mut().insert("content-length", length.into());
    }
    response
}

async fn start(framework: Framework, telemetry: Telemetry) -> SocketAddr {
    match framework {
        Framework::Axum => {
            let handler = |request: axum::extract::Request| async move {
                response(request.uri().path()).map(axum::body::Body::new)
            };
            serve::axum(Router::new().route("/{name}", get(handler)).layer(OpenCensusLayer::new(telemetry))).await
        }
        Framework::Hyper => {
            let handler = |request: Request<hyper::body::Incoming>| async move {
                opencensus::RequestTelemetry::of(request.extensions()).set_route("/{name}");
                Ok::<_, Infallible>(response(request.uri().path()))
            };
            let layer = OpenCensusLayer::new(telemetry);
            serve::hyper(ServiceBuilder::new().layer(layer).service(service_fn(handler))).await
        }
        Framework::Actix => {
            let handler = |request: actix_web::HttpRequest| async move {
                HttpResponse::Ok().body(FailingBody::new(Rest::of(request.path())))
            };
            serve::actix!(move || actix_web::App::new()
                .route("/{name}", web::get().to(handler))
                .wrap(OpenCensusLayer::new(telemetry.clone())))
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn body_that_ends_early_fails_or_panics_is_a_failed_request() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let address = start(framework, telemetry.clone()).await;
        for (at, (path, status, outcome)) in [
            ("/short", 200, Outcome::BodyError("IncompleteBody".into())),
            ("/broken", 200, Outcome::BodyError("std::io::Error".into())),
            ("/panic", 500, Outcome::Panicked("the body is on fire".into())),
        ]
        .into_iter()
        .enumerate()
        {
            let received = client::get(address, path).await;
            assert!(received.starts_with("HTTP/1.1 200 OK"), "{framework:?}{path}: {received}");
            let row = &ended(&telemetry, &exporter, at + 1).await[at];
            assert_eq!((row.status(), row.outcome()), (Some(status), &outcome), "{framework:?} {path}");
            assert!(!row.has_succeeded(true), "{framework:?} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn response_that_fails_after_its_head_is_one_error_record_and_one_mail() {
    for framework in Framework::ALL {
        for sampler in [SamplerSetting::AlwaysOn, SamplerSetting::AlwaysOff] {
            let stderr = Captured::default();
            let outbox = MemoryBackend::default();
            let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(outbox.clone());
            let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).with_mail(mail).build();
            let configuration = json!({
                "version": 1,
                "formatters": { "f": { "format": "%(levelname)s %(name)s %(status_code)s %(message)s" } },
                "handlers": {
                    "console": { "class": "console", "formatter": "f" },
                    "mail_admins": { "class": "mail_admins", "level": "ERROR" },
                },
                "loggers": { "opencensus": { "handlers": ["console", "mail_admins"], "level": "INFO" } },
            });
            logging.configure(&configuration).unwrap();
            let settings = Settings::default().with_logging(&logging).with_sampler(sampler);
            let (telemetry, _) = in_memory(settings);
            let address = start(framework, telemetry.clone()).await;
            for path in ["/short", "/broken", "/panic"] {
                client::get(address, path).await;
            }
            telemetry.shutdown(TIMEOUT).await;
            assert!(logging.flush(TIMEOUT));
            let expected = "\
                ERROR opencensus.request 200 Incomplete Response: /short\n\
                IncompleteBody: the body ended after 3000 of 5000 bytes\n\
                ERROR opencensus.request 200 Incomplete Response: /broken\n\
                std::io::Error: the stock does not respond\n\
                ERROR opencensus.request 500 Incomplete Response: /panic\n\
                the body is on fire\n";
            assert_eq!(stderr.text(), expected, "{framework:?}");
            let mails = outbox.mails();
            assert_eq!(mails.len(), 3, "{framework:?}: {mails:?}");
            let mail = &mails[1].text;
            assert!(mail.contains("Incomplete Response: /broken") && mail.contains("/{name}"), "{framework:?}: {mail}");
        }
    }
}
