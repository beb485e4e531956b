//! Mails to administrators report the request in full, and no output contains a secret.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use actix_web::web;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::post;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use opencensus::sampling::SamplerSetting;
use opencensus::settings::QueryRedaction;
use opencensus::{Failure, OpenCensusLayer, PeerAddress, RequestTelemetry, Settings, Telemetry};
use opencensus_logging::config::Setup;
use opencensus_logging::handlers::{Handler, HandlerError};
use opencensus_logging::mail::{MailSettings, MemoryBackend};
use opencensus_logging::{Level, Logging, Record};
use serde_json::json;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};

use crate::support::{SettingsExt as _, in_memory, quick};
use opencensus_logging::handlers::Stream;
use test_support::captured::Captured;
use test_support::endpoint::Endpoint;
use test_support::{TIMEOUT, client};

const CANARY: &str = "c4n4ry";

/// A handler that reads a form and fails.
fn buy(request: &RequestTelemetry, body: &[u8]) -> Failure {
    let body = String::from_utf8_lossy(body);
    request.set_user("alice");
    request.set_form(body.split('&').filter_map(|pair| pair.split_once('=')));
    request.set_files([("picture", "chair.png")]);
    std::io::Error::other("no chairs").into()
}

async fn serve(framework: &str, telemetry: Telemetry) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    match framework {
        "axum" => serve_axum(listener, telemetry),
        "hyper" => serve_hyper(listener, telemetry),
        _ => serve_actix(listener, telemetry),
    }
    address
}

fn serve_axum(listener: TcpListener, telemetry: Telemetry) {
    let handler = |request: RequestTelemetry, _: ConnectInfo<SocketAddr>, body: Bytes| async move {
        Err::<(), _>(buy(&request, &body))
    };
    let app = Router::new().route("/buy/{item}", post(handler)).layer(OpenCensusLayer::new(telemetry));
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, app).into_future());
}

fn serve_hyper(listener: TcpListener, telemetry: Telemetry) {
    let handler = |request: Request<hyper::body::Incoming>| async move {
        let telemetry = RequestTelemetry::of(request.extensions());
        let body = request.into_body().collect().await.unwrap().to_bytes();
        Ok::<_, Infallible>(buy(&telemetry, &body).with_body(Full::<Bytes>::default()))
    };
    let service = ServiceBuilder::new().layer(OpenCensusLayer::new(telemetry)).service(service_fn(handler));
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let with_peer = ServiceBuilder::new().map_request(move |mut request: Request<_>| {
                request.extensions_mut().insert(PeerAddress(peer));
                request
            });
            let service = TowerToHyperService::new(with_peer.service(service.clone()));
            let builder = auto::Builder::new(TokioExecutor::new());
            tokio::spawn(async move {
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}

fn serve_actix(listener: TcpListener, telemetry: Telemetry) {
    let listener = listener.into_std().unwrap();
    std::thread::spawn(move || {
        let server = actix_web::HttpServer::new(move || {
            let handler = |request: RequestTelemetry, body: Bytes| async move {
                Err::<actix_web::HttpResponse, _>(buy(&request, &body))
            };
            let panicking = || async { panic!("the shop is on fire") as String };
            let app = actix_web::App::new().route("/buy/{item}", web::post().to(handler));
            let app = app.route("/panic/{item}", web::get().to(panicking));
            app.wrap(OpenCensusLayer::new(telemetry.clone()))
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        actix_web::rt::System::new().block_on(server).unwrap();
    });
}

/// A request with a secret in every place that may contain one.
async fn send(address: SocketAddr) -> String {
    let form = format!("item=chair&password={CANARY}&card_token={CANARY}&code={CANARY}");
    let lines = [
        format!("POST /buy/7?campaign=7&access_token={CANARY}&%74oken={CANARY} HTTP/1.1"),
        "Host: shop.example:8080".to_owned(),
        "User-Agent: curl/8".to_owned(),
        format!("Authorization: Bearer {CANARY}"),
        format!("Proxy-Authorization: Basic {CANARY}"),
        format!("X-Api-Key: {CANARY}"),
        format!("Cookie: theme=dark; sessionid={CANARY}; csrftoken={CANARY}"),
        format!("Referer: https://shop.example/login?next=/&password={CANARY}"),
        "X-Forwarded-For: 203.0.113.9".to_owned(),
        "Content-Type: application/x-www-form-urlencoded".to_owned(),
        format!("Content-Length: {}", form.len()),
        "Connection: close".to_owned(),
    ];
    client::raw(address, &format!("{}\r\n\r\n{form}", lines.join("\r\n"))).await
}

/// A configuration with every kind of handler at the root.
fn everything(file: &std::path::Path) -> serde_json::Value {
    json!({
        "version": 1,
        "formatters": { "json": { "class": "json" }, "human": { "class": "human" } },
        "handlers": {
            "console": { "class": "console", "formatter": "human" },
            "file": { "class": "file", "filename": file, "formatter": "json" },
            "mail_admins": { "class": "mail_admins", "level": "ERROR", "include_html": true },
            "insights": { "class": "application_insights" },
        },
        "loggers": { "opencensus.server": { "handlers": ["console", "file"], "level": "INFO", "propagate": false } },
        "root": { "handlers": ["console", "file", "mail_admins", "insights"], "level": "DEBUG" },
    })
}

/// The lines of the mail that report the request of [`send`].
fn expected_lines() -> [String; 20] {
    let stars = "*".repeat(20);
    [
        "Request Method: POST".to_owned(),
        format!("Request URL: http://shop.example:8080/buy/7?campaign=7&access_token={stars}&%74oken={stars}"),
        "Exception Value: no chairs".to_owned(),
        "USER: alice".to_owned(),
        "campaign = '7'".to_owned(),
        format!("access_token = '{stars}'"),
        format!("token = '{stars}'"),
        "item = 'chair'".to_owned(),
        format!("password = '{stars}'"),
        format!("code = '{stars}'"),
        "picture = 'chair.png'".to_owned(),
        "theme = 'dark'".to_owned(),
        format!("sessionid = '{stars}'"),
        "HTTP_USER_AGENT = 'curl/8'".to_owned(),
        format!("HTTP_AUTHORIZATION = '{stars}'"),
        format!("HTTP_COOKIE = '{stars}'"),
        format!("HTTP_REFERER = 'https://shop.example/login?next=/&password={stars}'"),
        "CONTENT_TYPE = 'application/x-www-form-urlencoded'".to_owned(),
        "REMOTE_ADDR = '127.0.0.1'".to_owned(),
        "SERVER_PROTOCOL = 'HTTP/1.1'".to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_reports_the_request_and_no_output_contains_a_secret() {
    for framework in ["axum", "hyper", "actix"] {
        let folder = tempfile::tempdir().unwrap();
        let (stderr, outbox) = (Captured::default(), MemoryBackend::default());
        let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(outbox.clone());
        let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).with_mail(mail).build();
        let endpoint = Endpoint::start([]).await;
        let settings = Settings::default()
            .with(|s| s.limits = quick())
            .with_logging(&logging)
            .with(|s| s.trace.server_log = Some(true));
        let settings = settings.with_store(false).with_connection_string(endpoint.connection_string().parse().unwrap());
        let telemetry = settings.start().unwrap();
        let file = folder.path().join("shop.jsonl");
        logging.configure(&everything(&file)).unwrap();

        let response = send(serve(framework, telemetry.clone()).await).await;
        assert!(response.starts_with("HTTP/1.1 500"), "{framework}: {response}");
        telemetry.shutdown(TIMEOUT).await;
        assert!(logging.shutdown(TIMEOUT));

        let mails = outbox.mails();
        let [mail] = &*mails else { panic!("{framework}: {mails:?} {:?} {}", logging.stats(), stderr.text()) };
        let html = mail.html.clone().unwrap();
        let posted = endpoint.posts().iter().map(|post| format!("{:?}", post.items)).collect::<String>();
        let written = std::fs::read_to_string(&file).unwrap();
        assert!(stderr.text().contains("POST /buy/7?campaign=7&access_token=REDACTED"), "{}", stderr.text());
        for (sink, text) in
            [("mail", &mail.text), ("html", &html), ("file", &written), ("console", &stderr.text()), ("posts", &posted)]
        {
            assert!(!text.is_empty() && !text.contains(CANARY), "{framework}, {sink}: {text}");
        }
        assert!(
            mail.subject.ends_with("(EXTERNAL IP): Internal Server Error: /buy/7"),
            "{framework}: {}",
            mail.subject
        );
        for line in expected_lines() {
            assert!(mail.text.lines().any(|other| other == line), "{framework}: {line} in {}", mail.text);
        }
        let has_route = mail.text.lines().any(|line| line == "Raised during: /buy/{item}");
        assert_eq!(has_route, framework != "hyper", "{framework}: {}", mail.text);
        let trace = posted.split("ai.operation.id\": String(\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(mail.text.contains(&format!("Trace: {trace}\n")), "{framework}: {}", mail.text);
    }
}

#[tokio::test]
async fn privacy_settings_apply_to_lines_and_mails() {
    let (stderr, outbox) = (Captured::default(), MemoryBackend::default());
    let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(outbox.clone());
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).with_mail(mail).build();
    logging.setup(&Setup::default()).unwrap();
    let settings = Settings::default()
        .with(|s| s.privacy.query_redaction = QueryRedaction::All)
        .with(|s| s.privacy.mask_client_address = true);
    let (telemetry, _) = in_memory(settings.with_logging(&logging).with(|s| s.trace.server_log = Some(true)));
    send(serve("axum", telemetry).await).await;
    assert!(logging.shutdown(TIMEOUT));
    assert!(stderr.text().contains("POST /buy/7?campaign=REDACTED&"), "{}", stderr.text());
    let mail = outbox.mails().remove(0);
    assert!(mail.text.contains("campaign = 'REDACTED'") && !mail.text.contains("campaign=7"), "{}", mail.text);
    for text in ["REMOTE_ADDR", "203.0.113.9", "next=/"] {
        assert!(!mail.text.contains(text), "{text}: {}", mail.text);
    }
    assert_eq!(mail.subject, "[Django] ERROR: Internal Server Error: /buy/7");
}

#[tokio::test]
async fn names_of_secrets_that_the_user_adds_are_redacted_in_mails() {
    for framework in ["axum", "actix", "hyper"] {
        let outbox = MemoryBackend::default();
        let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(outbox.clone());
        let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail).build();
        logging.setup(&Setup::default()).unwrap();
        let names = opencensus::settings::SecretNames::new(["campaign", "theme", "item", "user-agent"]);
        let settings = Settings::default().with(|s| s.privacy.secret_names = names);
        let (telemetry, _) = in_memory(settings.with_logging(&logging));
        send(serve(framework, telemetry).await).await;
        assert!(logging.shutdown(TIMEOUT));
        let text = outbox.mails().remove(0).text;
        for secret in ["campaign=7", "'7'", "dark", "'chair'", "curl/8", CANARY] {
            assert!(!text.contains(secret), "{framework}: {secret}: {text}");
        }
        assert!(text.contains("theme = '********************'"), "{framework}: {text}");
    }
}

#[tokio::test]
async fn panic_in_actix_is_reported_with_its_route() {
    for sampler in [SamplerSetting::AlwaysOn, SamplerSetting::AlwaysOff] {
        let outbox = MemoryBackend::default();
        let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(outbox.clone());
        let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail).build();
        logging.setup(&Setup::default()).unwrap();
        let (telemetry, _) = in_memory(Settings::default().with_logging(&logging).with_sampler(sampler));
        let address = serve("actix", telemetry).await;
        client::get(address, "/panic/7").await;
        assert!(logging.shutdown(TIMEOUT));
        let mail = outbox.mails().remove(0);
        assert!(mail.text.contains("Raised during: /panic/{item}\n"), "{}", mail.text);
        assert!(mail.text.contains("Exception Value: the shop is on fire\n"), "{}", mail.text);
    }
}

/// A handler that keeps the `Debug` output of records, and whether they have their request in full.
#[derive(Clone, Default)]
struct Keeper(Arc<Mutex<Vec<(bool, String)>>>);

impl Handler for Keeper {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        self.0.lock().unwrap().push((record.request.is_some(), format!("{record:?}")));
        Ok(())
    }
}

#[tokio::test]
async fn requests_are_kept_in_full_only_for_administrators() {
    for (admins, expected) in [(vec![], false), (vec!["ann@shop.example"], true)] {
        let mail = MailSettings::default().with_admins(admins).with_backend(MemoryBackend::default());
        let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail).build();
        let keeper = Keeper::default();
        logging.add_handler("", "keeper", Level::DEBUG, keeper.clone());
        let (telemetry, _) = in_memory(Settings::default().with_logging(&logging));
        send(serve("axum", telemetry).await).await;
        let kept = keeper.0.lock().unwrap();
        let [(is_in_full, debug)] = &**kept else { panic!("{kept:?}") };
        assert!(*is_in_full == expected && !debug.contains(CANARY), "{debug}");
    }
}
