//! Hosts are allowed and refused as in two tables that were recorded with Django.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Empty;
use opencensus::Failure;
use opencensus::security::{AllowedHosts, AllowedHostsLayer};
use serde_json::Value;
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

#[test]
fn hosts_are_allowed_and_refused_as_in_django() {
    vectors::run("corpora/hosts.json", "cases", |row| {
        if row["cat"] == "no-host-header" {
            return if refused(row).is_some() { Row::Deliberate(NO_HOST) } else { Row::Failed("allowed".to_owned()) };
        }
        let malformed = "is not valid according to RFC 1034/1035.";
        match (refused(row), row["verdict"].as_str().unwrap(), row["reason"].as_str()) {
            (None, "accept", _) => Row::Passed,
            (Some(why), "refuse", Some("malformed")) if why.ends_with(malformed) => Row::Passed,
            (Some(why), "refuse", Some("not-allowed")) if why.ends_with("to ALLOWED_HOSTS.") => Row::Passed,
            (found, ..) => Row::Failed(format!("{found:?}")),
        }
    });
}

#[test]
fn refusals_have_the_messages_of_django() {
    let table = vectors::read("django-http/allowed-hosts-table.json");
    let expected = table["expected"].as_array().unwrap();
    let rows: Vec<_> = table["rows"]
        .as_array()
        .unwrap()
        .iter()
        .zip(expected)
        .enumerate()
        .map(|(at, (row, expected))| {
            let mut row = row.clone();
            row["id"] = at.to_string().into();
            row["expected"] = expected.clone();
            row
        })
        .collect();
    vectors::run_rows("django-http/allowed-hosts-table.json", &rows, "id", |row| {
        if row["host"].is_null() {
            return if refused(row).is_some() { Row::Deliberate(NO_HOST) } else { Row::Failed("allowed".to_owned()) };
        }
        let expected = row["expected"]["message"].as_str().map(str::to_owned);
        let found = refused(row);
        if found == expected { Row::Passed } else { Row::Failed(format!("found {found:?}, expected {expected:?}")) }
    });
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
