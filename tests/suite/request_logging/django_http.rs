//! Requests are logged as in the HTTP cases that were recorded with Django.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use opencensus::Settings;
use opencensus_logging::config::Setup;
use opencensus_logging::formatters::message;
use opencensus_logging::handlers::{Handler, HandlerError};
use opencensus_logging::{Level, Logging, Record};
use serde_json::{Value, json};

use super::app::app;
use crate::support::SettingsExt as _;
use crate::support::in_memory;
use opencensus_logging::handlers::Stream;
use test_support::captured::Captured;
use test_support::vectors::{self, Row};
use test_support::{TIMEOUT, client};

/// Cases that do not apply here, by the prefix of their names, with the reason.
const SKIPPED: [(&str, &str); 14] = [
    (
        "body-unreadable",
        "a client that disconnects receives no response here, and its request is recorded as cancelled",
    ),
    ("csrf-", "no tokens are checked here; `Failure::csrf` is for code that does, and has its own test"),
    ("debug-propagate-exceptions", "Rust's errors have nowhere to propagate to"),
    ("error-handler-", "Django's error handlers by URL configuration; a handler here builds the response itself"),
    ("middleware-not-used", "a layer cannot remove itself at start"),
    ("middleware-raises-after-exception", "one response is one record: the response that was sent"),
    ("on-commit-robust", "Django's ORM"),
    ("send-robust", "Django's signals"),
    ("server-bad-request-line", "hyper responds to malformed HTTP, and no layer is called"),
    ("server-body-cut-short", "hyper's reader fails for a body that is cut short, so the view returns an error"),
    ("server-escape-in-path", "hyper responds to control characters in a target, and no layer is called"),
    ("server-no-host-10", "a missing host is refused: a server here does not know its own name"),
    ("session-", "Django's sessions"),
    ("template-", "Django's templates"),
];

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
struct Outcome {
    responses: Vec<(u64, String)>,
    records: Vec<Arc<Record>>,
    console: String,
    mails: usize,
}

async fn run(case: &Value) -> Outcome {
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
    let mut responses = Vec::new();
    for request in case["requests"].as_array().unwrap() {
        responses.push(send(address, request).await);
    }
    server.abort();
    assert!(logging.flush(TIMEOUT));
    let (records, mails) = (records.0.lock().unwrap().clone(), mails.0.lock().unwrap().len());
    Outcome { responses, records, console: console.text(), mails }
}

/// The status and its reason phrase.
async fn send(address: SocketAddr, request: &Value) -> (u64, String) {
    if let Some(raw) = request["raw"].as_str() {
        return status(&client::raw(address, raw).await);
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
    if let Some(kind) = text("content_type") {
        head.push_str(&format!("Content-Type: {kind}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\nConnection: close\r\n\r\n", body.len()));
    status(&client::raw(address, &(head + &body)).await)
}

fn status(response: &str) -> (u64, String) {
    let mut line = response.lines().next().unwrap_or_default().splitn(3, ' ').skip(1);
    (line.next().unwrap_or_default().parse().unwrap_or_default(), line.next().unwrap_or_default().to_owned())
}

/// A record in the form of the cases.
fn to_json(record: &Record) -> Value {
    let suspicion = record.logger.strip_prefix("opencensus.security.");
    let mut keys: Vec<_> = record.fields().iter().map(|(key, _)| key.to_string()).collect();
    keys.sort();
    let exception = record.error.as_ref().map(|error| {
        let link = error.chain().remove(0);
        // The kind of a suspicious operation is its type.
        let type_name = suspicion.map(str::to_owned).or(link.type_name.map(Cow::into_owned));
        json!({ "type": type_name, "message": link.message })
    });
    let mut json = json!({
        "logger": record.logger.replacen("opencensus", "django", 1),
        "level": record.level_name,
        "message": same_page(message(record).unwrap().replacen("(0.000) ", "(<SECONDS>) ", 1)),
        "template": record.message,
        "status_code": record.field("status_code"),
        "has_request": record.field("request").is_some(),
        "extra_keys": keys,
        "exception": exception,
    });
    if record.field("sql").is_some() {
        let extra = ["sql", "params", "alias"].map(|key| (key.to_owned(), record.field(key).cloned().unwrap()));
        json["extra"] = Value::Object(extra.into_iter().collect());
    }
    json
}

fn compare(case: &Value, outcome: &Outcome) -> Result<(), String> {
    let expected = &case["expected"];
    let statuses: Vec<_> = outcome.responses.iter().map(|(status, _)| status).collect();
    let from_django: Vec<_> = expected["responses"].as_array().unwrap().iter().map(status_of).collect();
    same("statuses", &json!(statuses), &json!(from_django))?;
    let records: Vec<_> = outcome.records.iter().map(|record| to_json(record)).collect();
    let from_django: Vec<_> = expected["records"].as_array().unwrap().iter().cloned().map(without_cause).collect();
    same("records", &json!(records), &json!(from_django))?;
    let console: Vec<_> = outcome.console.lines().collect();
    let frames = ["Traceback (most recent call last):", "  <FRAMES>"];
    let from_django: Vec<_> = expected["console"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let from_django: Vec<_> =
        from_django.into_iter().filter(|line| !frames.contains(line)).map(same_page).map(short_type).collect();
    let console: Vec<_> = console.into_iter().map(without_time).map(same_page).map(short_type).collect();
    same("console", &json!(console), &json!(from_django))?;
    same("mails", &json!(outcome.mails), &json!(expected["mails"].as_array().unwrap().len()))
}

/// The cases contain causes only where Python chains exceptions implicitly. Here `server_time` belongs to the formatter.
fn without_cause(mut record: Value) -> Value {
    if let Some(exception) = record["exception"].as_object_mut() {
        exception.remove("cause");
    }
    if let Some(keys) = record["extra_keys"].as_array_mut() {
        keys.retain(|key| key != "server_time");
    }
    record["message"] = same_page(record["message"].as_str().unwrap_or_default().to_owned()).into();
    record
}

fn status_of(response: &Value) -> Value {
    let of_line = |line: &str| line.split(' ').nth(1).and_then(|status| status.parse::<u64>().ok());
    response["status_line"].as_str().and_then(of_line).map_or_else(|| response["status"].clone(), Into::into)
}

/// A line with the time as in the cases: `[05/Mar/2024 06:07:08] …`.
fn without_time(line: &str) -> String {
    let is_time = |time: &str| {
        let form = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
        form.len() == 20 && form.starts_with("00/") && form.ends_with("/0000 00:00:00")
    };
    match line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
        Some((time, rest)) if is_time(time) => format!("[<TIME>] {rest}"),
        _ => line.to_owned(),
    }
}

/// Replaces the length of error pages, which differs from Django's.
fn same_page(line: impl Into<String>) -> String {
    let line = line.into();
    match line.rsplit_once(' ') {
        Some((before, length)) if before.ends_with("HTTP/1.1\" 404") || before.ends_with("HTTP/1.1\" 400") => {
            let is_length = length.parse::<u64>().is_ok();
            format!("{before} {}", if is_length { "<LENGTH>" } else { length })
        }
        _ => line,
    }
}

/// Shortens `django.core.exceptions.BadRequest: x` to `BadRequest: x`, and every kind of suspicious operation to one name.
fn short_type(line: String) -> String {
    match line.split_once(": ") {
        Some((type_name, text)) if !type_name.contains(' ') && type_name.contains('.') => {
            let name = type_name.rsplit('.').next().unwrap_or_default();
            if super::app::SUSPICIOUS.contains(&name) {
                format!("SuspiciousOperation: {text}")
            } else {
                format!("{name}: {text}")
            }
        }
        _ => line,
    }
}

fn same(name: &str, found: &Value, from_django: &Value) -> Result<(), String> {
    if found == from_django { Ok(()) } else { Err(format!("{name}: found {found}, Django has {from_django}")) }
}

#[test]
fn every_http_case_is_logged_as_in_django() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let cases: Vec<_> =
        vectors::read_cases("django-http").into_iter().filter(|case| case["requests"].is_array()).collect();
    vectors::run_rows("django-http", &cases, "name", |case| {
        let name = case["name"].as_str().unwrap();
        if let Some((_, reason)) = SKIPPED.iter().find(|(skipped, _)| name.starts_with(skipped)) {
            return Row::Deliberate(reason);
        }
        let outcome = runtime.block_on(run(case));
        match compare(case, &outcome) {
            Ok(()) => Row::Passed,
            Err(difference) => Row::Failed(difference),
        }
    });
}

#[test]
fn every_skipped_name_is_the_name_of_a_case() {
    let cases = vectors::read_bundled_cases("django-http");
    for (skipped, _) in SKIPPED {
        assert!(cases.iter().any(|case| case["name"].as_str().unwrap().starts_with(skipped)), "{skipped}");
    }
}
