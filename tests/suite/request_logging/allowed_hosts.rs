//! Hosts are allowed and refused as in two tables that were recorded with Django.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Empty;
use opencensus::Failure;
use opencensus::security::{AllowedHosts, AllowedHostsLayer};
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::support::server::Framework;
use test_support::vectors::{self, Row};

/// The layer's reason to refuse a row's request, or nothing if it is allowed.
fn refused(row: &Value) -> Option<String> {
    let text = |key: &str| row[key].as_str();
    let patterns = row["allowed_hosts"].as_array().unwrap().iter().map(|pattern| pattern.as_str().unwrap());
    let hosts = AllowedHosts::new(patterns).with_debug(row["debug"] == true);
    let layer = AllowedHostsLayer::new(hosts.clone()).with_x_forwarded_host(row["use_x_forwarded_host"] == true);
    let mut request = Request::get("/");
    for (name, key) in [("host", "host"), ("x-forwarded-host", "x_forwarded_host")] {
        let Some(value) = text(key) else { continue };
        let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else {
            // No server accepts such a header.
            return hosts.check(value.as_bytes()).err().map(|error| error.to_string());
        };
        request = request.header(name, value);
    }
    let service = service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) });
    let called = layer.layer(service).oneshot(request.body(()).unwrap());
    let response = futures_executor::block_on(called).unwrap();
    let failure = response.extensions().get::<Failure>();
    assert_eq!(response.status() == StatusCode::BAD_REQUEST, failure.is_some());
    failure.map(ToString::to_string)
}

/// Why a request without a host differs.
const NO_HOST: &str = "Django uses the server's own name; HTTP/1.1 forbids such a request, and it is refused here";

/// The keys of a row that the layer knows, and those that only name or describe it.
const KEYS: [&str; 16] = [
    "about",
    "allowed_hosts",
    "cat",
    "debug",
    "domain",
    "expected",
    "host",
    "id",
    "port",
    "reason",
    "returned",
    "server",
    "server_name",
    "use_x_forwarded_host",
    "verdict",
    "x_forwarded_host",
];

/// Why a row is not compared: what it lacks, or what the layer lacks.
fn not_compared(row: &Value) -> Option<Row> {
    let key = row.as_object()?.keys().find(|key| !KEYS.contains(&key.as_str()));
    if let Some(key) = key {
        return Some(Row::Skipped(format!("key `{key}`")));
    }
    if !row["allowed_hosts"].as_array().is_some_and(|hosts| hosts.iter().all(Value::is_string)) {
        return Some(Row::Skipped("allowed hosts that are no list of texts".to_owned()));
    }
    let has_forwarded = row["use_x_forwarded_host"] == true && row["x_forwarded_host"].is_string();
    if row["host"].is_null() && !has_forwarded {
        let is_refused = refused(row).is_some();
        return Some(if is_refused { Row::Deliberate(NO_HOST) } else { Row::Failed("allowed".to_owned()) });
    }
    None
}

fn check_verdict(row: &Value) -> Row {
    if let Some(result) = not_compared(row) {
        return result;
    }
    let malformed = "is not valid according to RFC 1034/1035.";
    match (refused(row), row["verdict"].as_str(), row["reason"].as_str()) {
        (_, None, _) => Row::Undecided,
        (None, Some("accept"), _) => Row::Passed,
        (Some(why), Some("refuse"), Some("malformed")) if why.ends_with(malformed) => Row::Passed,
        (Some(why), Some("refuse"), Some("not-allowed")) if why.ends_with("to ALLOWED_HOSTS.") => Row::Passed,
        (Some(_), Some("refuse"), None) => Row::Passed,
        (found, Some("accept" | "refuse"), Some("malformed" | "not-allowed") | None) => {
            Row::Failed(format!("{found:?}"))
        }
        (_, Some(verdict), reason) => Row::Skipped(format!("verdict `{verdict}` with the reason {reason:?}")),
    }
}

fn check_message(row: &Value) -> Row {
    if let Some(result) = not_compared(row) {
        return result;
    }
    let expected = match (row["expected"]["ok"].as_bool(), row["expected"]["message"].as_str()) {
        (Some(true), _) => None,
        (Some(false), Some(message)) => Some(message.to_owned()),
        _ => return Row::Undecided,
    };
    let found = refused(row);
    if found == expected { Row::Passed } else { Row::Failed(format!("found {found:?}, expected {expected:?}")) }
}

#[test]
fn hosts_are_allowed_and_refused_as_in_django() {
    vectors::run("corpora/hosts.json", "cases", check_verdict);
}

#[test]
fn refusals_have_the_messages_of_django() {
    let table = vectors::read("django-http/allowed-hosts-table.json");
    let rows = table["rows"].as_array().cloned().unwrap_or_default();
    let rows: Vec<_> = rows
        .into_iter()
        .enumerate()
        .map(|(at, mut row)| {
            row["id"] = at.to_string().into();
            row["expected"] = table["expected"][at].clone();
            row
        })
        .collect();
    vectors::run_rows("django-http/allowed-hosts-table.json", &rows, "id", check_message);
}

#[test]
fn rows_of_others_are_skipped_by_kind_differ_by_rules_or_are_undecided() {
    for (row, expected) in [
        (json!({"host": "a.example", "allowed_hosts": ["a.example"], "verdict": "accept"}), "Passed"),
        (json!({"host": "a.example", "allowed_hosts": ["a.example"], "verdict": null}), "Undecided"),
        (json!({"host": "a.example", "allowed_hosts": ["b.example"], "verdict": "accept"}), "Failed("),
        (json!({"host": "a.example", "allowed_hosts": ["b.example"], "verdict": "redirect"}), "Skipped(\"verdict"),
        (json!({"host": "a.example", "allowed_hosts": "*", "verdict": "accept"}), "Skipped(\"allowed hosts"),
        (json!({"host": null, "allowed_hosts": ["*"], "verdict": "accept"}), "Deliberate("),
        (json!({"host": "a", "allowed_hosts": ["a"], "scheme": "https"}), "Skipped(\"key `scheme`\")"),
    ] {
        let found = format!("{:?}", check_verdict(&row));
        assert!(found.starts_with(expected), "{found}: {row}");
    }
    let row = |expected: Value| json!({"host": "a.example", "allowed_hosts": ["a.example"], "expected": expected});
    assert!(matches!(check_message(&row(json!({"ok": true, "host": "a.example"}))), Row::Passed));
    assert!(matches!(check_message(&row(json!({"ok": false, "message": "no"}))), Row::Failed(_)));
    assert!(matches!(check_message(&row(Value::Null)), Row::Undecided));
}

#[test]
fn several_host_headers_are_refused() {
    let layer = AllowedHostsLayer::new(AllowedHosts::new(["*"]));
    let service = service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) });
    let request = Request::get("/").header("host", "shop.example").header("host", "evil.example").body(()).unwrap();
    let response = futures_executor::block_on(layer.layer(service).oneshot(request)).unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

/// The status of a request with this target and this header for an application that allows `shop.test` alone.
async fn status(framework: Framework, target: &str, host: &str) -> u16 {
    let layer = AllowedHostsLayer::new(AllowedHosts::new(["shop.test"]));
    if framework == Framework::Actix {
        let app = actix_web::App::new().wrap(layer).default_service(actix_web::web::to(|| async { "ok" }));
        let app = actix_web::test::init_service(app).await;
        let request = actix_web::test::TestRequest::with_uri(target).insert_header(("host", host)).to_request();
        let refused = |error: actix_web::Error| error.as_response_error().status_code().as_u16();
        let response = actix_web::test::try_call_service(&app, request).await;
        return response.map_or_else(refused, |response| response.status().as_u16());
    }
    let service = service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) });
    let request = Request::get(target).header("host", host).body(()).unwrap();
    layer.layer(service).oneshot(request).await.unwrap().status().as_u16()
}

#[actix_web::test]
async fn target_and_header_must_name_one_host_and_the_target_counts() {
    // axum and hyper have the same layer.
    for framework in [Framework::Actix, Framework::Hyper] {
        for (target, host, expected) in [
            ("/", "shop.test", 200),
            ("/", "evil.test", 400),
            ("http://shop.test/", "shop.test", 200),
            ("http://shop.test:80/", "SHOP.test", 200),
            ("https://shop.test/", "shop.test:443", 200),
            ("http://evil.test/", "shop.test", 400),
            ("http://shop.test/", "evil.test", 400),
            ("http://evil.test/", "evil.test", 400),
            ("http://shop.test/", "shop.test:8080", 400),
            ("http://user@shop.test/", "shop.test", 400),
        ] {
            assert_eq!(status(framework, target, host).await, expected, "{framework:?}: {target} {host}");
        }
    }
}
