//! Runs a case: starts the application, sends the requests, and collects what was logged.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use opencensus::Settings;
use opencensus_logging::config::Setup;
use opencensus_logging::handlers::{Handler, HandlerError, Stream};
use opencensus_logging::{Level, Logging, Record};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::request_logging::app::app;
use crate::support::SettingsExt as _;
use crate::support::in_memory;
use test_support::captured::Captured;
use test_support::{TIMEOUT, client};

/// A handler that keeps records.
#[derive(Clone, Default)]
struct Keeper(Arc<Mutex<Vec<Arc<Record>>>>);

impl Handler for Keeper {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        self.0.lock().unwrap().push(Arc::clone(record));
        Ok(())
    }
}

/// The responses, records, console output and mails of one case.
pub(super) struct Outcome {
    pub(super) statuses: Vec<u64>,
    pub(super) records: Vec<Arc<Record>>,
    pub(super) console: String,
    pub(super) mails: usize,
}

pub(super) async fn run(case: &Value) -> Outcome {
    let (records, mails, console) = (Keeper::default(), Keeper::default(), Captured::default());
    let (kept, mailed) = (records.clone(), mails.clone());
    let logging = Logging::builder()
        .with_stderr(Stream::new(console.clone()))
        .with_handler_class("keeper", move |_| Ok(Box::new(kept.clone())))
        .with_handler_class("django.utils.log.AdminEmailHandler", move |_| Ok(Box::new(mailed.clone())))
        .build();
    let settings = &case["settings"];
    let mut setup = Setup::default();
    setup.debug = settings["DEBUG"] == true;
    // As in Django.
    setup.errors_to_stderr = Some(false);
    setup.logging = json!({
        "version": 1,
        "disable_existing_loggers": false,
        "handlers": { "keeper": { "class": "keeper", "background": false } },
        "root": { "handlers": ["keeper"], "level": "DEBUG" },
    });
    logging.setup(&setup).unwrap();
    // Records of `django.server` do not propagate.
    logging.add_handler("django.server", "keeper", Level::DEBUG, records.clone());
    for logger in case["debug_loggers"].as_array().into_iter().flatten() {
        logging.set_level(logger.as_str().unwrap(), Level::DEBUG);
    }
    // Only Django's development server logs requests, in either mode.
    let has_server_log = case["driver"] == "server";
    let (telemetry, _) =
        in_memory(Settings::default().with_logging(&logging).with(|s| s.trace.server_log = Some(has_server_log)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, app(settings, telemetry, &logging)).into_future());
    let mut statuses = Vec::new();
    for request in case["requests"].as_array().unwrap() {
        statuses.push(send(address, request).await);
    }
    server.abort();
    assert!(logging.flush(TIMEOUT));
    // Django mails nothing if there are no administrators.
    let has_admins = settings["ADMINS"] != json!([]);
    let mails = if has_admins { mails.0.lock().unwrap().len() } else { 0 };
    let records = records.0.lock().unwrap().clone();
    Outcome { statuses, records, console: console.text(), mails }
}

/// Sends a request, and returns the status of the response.
async fn send(address: SocketAddr, request: &Value) -> u64 {
    if let Some(raw) = request["raw"].as_str() {
        return status(&send_raw(address, raw, request["close_after_send"] == true).await);
    }
    let text = |key: &str| request[key].as_str();
    let times = usize::try_from(request["body_repeat"].as_u64().unwrap_or(1)).unwrap();
    let body = text("body").unwrap_or_default().repeat(times);
    let mut head = format!("{} {} HTTP/1.1\r\n", text("method").unwrap_or("GET"), text("path").unwrap());
    let headers = request["headers"].as_object().cloned().unwrap_or_default();
    if !headers.contains_key("Host") {
        head.push_str("Host: testserver\r\n");
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {}\r\n", value.as_str().unwrap()));
    }
    let cookies = request["cookies"].as_object().into_iter().flatten();
    let cookies: Vec<_> =
        cookies.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
    if !cookies.is_empty() {
        head.push_str(&format!("Cookie: {}\r\n", cookies.join("; ")));
    }
    if let Some(kind) = text("content_type") {
        head.push_str(&format!("Content-Type: {kind}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\nConnection: close\r\n\r\n", body.len()));
    status(&client::raw(address, &(head + &body)).await)
}

/// Sends the bytes as they are, and closes the client's half of the connection if the case does.
async fn send_raw(address: SocketAddr, raw: &str, closes: bool) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(raw.as_bytes()).await.unwrap();
    if closes {
        stream.shutdown().await.unwrap();
    }
    let mut response = Vec::new();
    let read = tokio::time::timeout(TIMEOUT, stream.read_to_end(&mut response)).await;
    let _ = read.expect("the server neither responds nor closes the connection");
    String::from_utf8_lossy(&response).into_owned()
}

/// The status of a response; 0 if there is none.
fn status(response: &str) -> u64 {
    response.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}
