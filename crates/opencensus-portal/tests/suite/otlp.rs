//! The endpoint of OpenTelemetry accepts both encodings, maps records to items, and responds as OTLP demands.

use std::time::{SystemTime, UNIX_EPOCH};

use opencensus_portal::{Filter, Item, ItemKind, Portal};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{deflate, get, get_json, gzip};

const PROTOBUF: &str = "content-type: application/x-protobuf\r\n";
const JSON: &str = "content-type: application/json\r\n";
const TRACE: &str = "5b8efff798038103d269b633813fc60c";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// Sends a POST and returns status, head and body of the response.
async fn send(portal: &Portal, path: &str, headers: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(portal.address()).await.unwrap();
    let (host, length) = (portal.address(), body.len());
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\nuser-agent: OTel-OTLP-Exporter-Python/1.45.2\r\n\
         content-length: {length}\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let _ = stream.write_all(body).await;
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response).await;
    let end = response.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let body = response.split_off(end + 4);
    let head = String::from_utf8(response).unwrap();
    (head[9..12].parse().unwrap(), head, body)
}

async fn send_json(portal: &Portal, path: &str, body: &Value) -> (u16, Value) {
    let (status, head, body) = send(portal, path, JSON, body.to_string().as_bytes()).await;
    assert!(head.contains("content-type: application/json"), "{head}");
    (status, serde_json::from_slice(&body).unwrap())
}

/// A field of a protobuf message that holds bytes.
fn bytes(number: u8, content: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = content.len();
    while length > 0x7F {
        field.push(length as u8 | 0x80);
        length >>= 7;
    }
    field.push(length as u8);
    [&field, content].concat()
}

fn text(number: u8, text: &str) -> Vec<u8> {
    bytes(number, text.as_bytes())
}

/// A small number.
fn varint(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

fn fixed64(number: u8, value: u64) -> Vec<u8> {
    [&[number << 3 | 1][..], &value.to_le_bytes()].concat()
}

/// An attribute with a text.
fn pair(number: u8, key: &str, value: &str) -> Vec<u8> {
    bytes(number, &[text(1, key), bytes(2, &text(1, value))].concat())
}

/// An attribute with a number below 2^14.
fn number(number: u8, key: &str, value: u16) -> Vec<u8> {
    let value = [3 << 3, value as u8 | 0x80, (value >> 7) as u8];
    bytes(number, &[text(1, key), bytes(2, &value)].concat())
}

fn hex(id: &str) -> Vec<u8> {
    (0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()).collect()
}

/// A request with one resource, one scope and these records.
fn export(service: &str, records: &[Vec<u8>]) -> Vec<u8> {
    let resource = [
        pair(1, "telemetry.sdk.language", "python"),
        pair(1, "telemetry.sdk.name", "opentelemetry"),
        pair(1, "telemetry.sdk.version", "1.45.2"),
        pair(1, "service.namespace", "store"),
        pair(1, "service.name", service),
    ];
    let records: Vec<_> = records.iter().map(|record| bytes(2, record)).collect();
    let scope = [bytes(1, &text(1, "shop.orders")), records.concat()].concat();
    bytes(1, &[bytes(1, &resource.concat()), bytes(2, &scope)].concat())
}

/// A span as the SDK for Python encodes it.
fn span(id: &str, parent: Option<&str>, name: &str, kind: u8, rest: &[Vec<u8>]) -> Vec<u8> {
    let parent = parent.map(|parent| bytes(4, &hex(parent))).unwrap_or_default();
    // Flags, which the portal does not read.
    let flags = [&[0x85, 0x01][..], &[0, 1, 0, 0]].concat();
    let times = [fixed64(7, now()), fixed64(8, now() + 1_500_000)].concat();
    [bytes(1, &hex(TRACE)), bytes(2, &hex(id)), parent, text(5, name), varint(6, kind), times, rest.concat(), flags]
        .concat()
}

async fn items(portal: &Portal, kind: ItemKind) -> Vec<Item> {
    portal.items(Filter::default().of_kind(kind), 100).await.unwrap()
}

/// A request that failed with an exception, and its call of another service.
fn spans_of_front() -> Vec<u8> {
    let exception = [
        fixed64(1, now()),
        text(2, "exception"),
        pair(3, "exception.type", "ValueError"),
        pair(3, "exception.message", "no chairs"),
        pair(3, "exception.stacktrace", "Traceback (most recent call last):\n"),
    ];
    export(
        "front",
        &[
            span(
                "00f067aa0ba902b8",
                Some("00f067aa0ba902b7"),
                "GET",
                3,
                &[
                    pair(9, "http.method", "GET"),
                    pair(9, "http.url", "http://stock:8081/stock/7?q=1"),
                    number(9, "http.status_code", 500),
                ],
            ),
            span(
                "00f067aa0ba902b7",
                None,
                "GET /users/{id}",
                2,
                &[
                    pair(9, "http.request.method", "GET"),
                    pair(9, "http.route", "/users/{id}"),
                    pair(9, "url.scheme", "http"),
                    pair(9, "server.address", "localhost"),
                    number(9, "server.port", 8080),
                    pair(9, "url.path", "/users/7"),
                    number(9, "http.response.status_code", 500),
                    pair(9, "tenant", "blue"),
                    bytes(11, &exception.concat()),
                    bytes(15, &varint(3, 2)),
                ],
            ),
        ],
    )
}

/// The request of the other service, as the SDK for JavaScript encodes it.
fn spans_of_stock() -> Value {
    json!({"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "stock"}}], "droppedAttributesCount": 0},
        "scopeSpans": [{"scope": {"name": "shop", "version": "1.0"}, "spans": [{
            "traceId": TRACE, "spanId": "00f067aa0ba902b9", "parentSpanId": "00f067aa0ba902b8", "name": "GET", "kind": 2,
            "startTimeUnixNano": now().to_string(), "endTimeUnixNano": (now() + 1_000_000).to_string(),
            "attributes": [
                {"key": "http.request.method", "value": {"stringValue": "GET"}},
                {"key": "http.route", "value": {"stringValue": "/stock/:id"}},
                {"key": "http.response.status_code", "value": {"intValue": 500}},
                {"key": "chairs", "value": {"arrayValue": {"values": [{"intValue": "7"}, {"stringValue": "red"}]}}}
            ],
            "droppedAttributesCount": 0, "events": [], "droppedEventsCount": 0, "links": [], "droppedLinksCount": 0,
            "status": {"code": 2, "message": "out of stock"}, "flags": 257
        }]}]
    }]})
}

#[tokio::test]
async fn spans_of_two_services_form_one_transaction() {
    let portal = Portal::start().unwrap();
    let front = spans_of_front();
    let (status, _, body) =
        send(&portal, "/v1/traces", &format!("{PROTOBUF}content-encoding: gzip\r\n"), &gzip(&front)).await;
    assert_eq!((status, body.len()), (200, 0));
    assert_eq!(send_json(&portal, "/v1/traces", &spans_of_stock()).await, (200, json!({})));
    let transaction = portal.transaction(TRACE).await.unwrap();
    assert!(transaction.is_whole(), "{transaction}");
    let text = transaction.to_string();
    for expected in [
        "\n  request GET /users/{id} 500 failed (store.front)\n",
        "\n    exception ValueError (store.front)\n",
        "\n    dependency GET /stock/7 500 (store.front)\n      request GET /stock/:id 500 failed (stock)\n",
    ] {
        assert!(text.contains(expected), "{text}");
    }
    let exceptions = items(&portal, ItemKind::Exception).await;
    assert_eq!(exceptions[0].parent_id.as_deref(), Some("00f067aa0ba902b7"));
    assert_eq!(exceptions[0].operation_name.as_deref(), Some("GET /users/{id}"));
    let requests = items(&portal, ItemKind::Request).await;
    assert_eq!(requests[1].url.as_deref(), Some("http://localhost:8080/users/7"));
    assert_eq!((&*requests[1].properties["tenant"], requests[1].duration), ("blue", Some(1500)));
    assert_eq!(&*requests[0].properties["chairs"], r#"[7,"red"]"#);
    assert_eq!(&*requests[0].properties["otel.status_description"], "out of stock");
}

#[tokio::test]
async fn log_records_become_traces_exceptions_and_events() {
    let portal = Portal::start().unwrap();
    let record = |rest: &[Vec<u8>]| {
        let ids = [bytes(9, &hex(TRACE)), bytes(10, &hex("00f067aa0ba902b7"))].concat();
        [fixed64(1, now()), fixed64(11, now()), varint(2, 13), text(3, "WARN"), rest.concat(), ids].concat()
    };
    let logs = export(
        "front",
        &[
            record(&[bytes(5, &text(1, "three chairs — ü")), number(6, "code.line.number", 300)]),
            record(&[
                bytes(5, &text(1, "order failed")),
                pair(6, "exception.type", "ValueError"),
                pair(6, "exception.message", "no chairs"),
            ]),
            record(&[pair(6, "microsoft.custom_event.name", "ordered"), pair(6, "chair", "red")]),
        ],
    );
    let (status, _, body) =
        send(&portal, "/v1/logs", &format!("{PROTOBUF}content-encoding: deflate\r\n"), &deflate(&logs)).await;
    assert_eq!((status, body.len()), (200, 0));
    let traces = items(&portal, ItemKind::Trace).await;
    assert_eq!((&*traces[0].name, traces[0].severity.as_deref()), ("three chairs — ü", Some("Warning")));
    assert_eq!(
        (&*traces[0].properties["logger_name"], &*traces[0].properties["code.line.number"]),
        ("shop.orders", "300")
    );
    let exceptions = items(&portal, ItemKind::Exception).await;
    assert_eq!((&*exceptions[0].name, exceptions[0].message.as_deref()), ("ValueError", Some("order failed")));
    let events = items(&portal, ItemKind::Event).await;
    assert_eq!((&*events[0].name, &*events[0].properties["chair"]), ("ordered", "red"));
    for item in [&traces[0], &exceptions[0], &events[0]] {
        let place = (item.operation_id.as_deref(), item.parent_id.as_deref(), item.role.as_deref());
        assert_eq!(place, (Some(TRACE), Some("00f067aa0ba902b7"), Some("store.front")));
    }
}

#[tokio::test]
async fn data_points_become_metrics() {
    let portal = Portal::start().unwrap();
    let point = |number: u8, rest: &[Vec<u8>]| {
        bytes(1, &[pair(number, "room", "a"), fixed64(3, now()), rest.concat()].concat())
    };
    let metrics = export(
        "front",
        &[
            [text(1, "temperature"), bytes(5, &point(7, &[fixed64(4, 21.5_f64.to_bits())]))].concat(),
            [text(1, "orders"), bytes(7, &[point(7, &[fixed64(6, 3)]), varint(2, 2), varint(3, 1)].concat())].concat(),
            [
                text(1, "size"),
                bytes(
                    9,
                    &point(
                        9,
                        &[
                            fixed64(4, 2),
                            fixed64(5, 10.5_f64.to_bits()),
                            fixed64(11, 3.5_f64.to_bits()),
                            fixed64(12, 7_f64.to_bits()),
                        ],
                    ),
                ),
            ]
            .concat(),
        ],
    );
    let (status, _, body) = send(&portal, "/v1/metrics", PROTOBUF, &metrics).await;
    assert_eq!((status, body.len()), (200, 0));
    let mut found = items(&portal, ItemKind::Metric).await;
    found.sort_by(|one, other| one.name.cmp(&other.name));
    let values: Vec<_> =
        found.iter().map(|item| (&*item.name, item.value.unwrap(), &*item.properties["room"])).collect();
    assert_eq!(values, [("orders", 3.0, "a"), ("size", 10.5, "a"), ("temperature", 21.5, "a")]);
    let point = &found[1].envelope()["data"]["baseData"]["metrics"][0];
    assert_eq!((&point["count"], &point["min"], &point["max"]), (&json!(2), &json!(3.5), &json!(7.0)));
}

#[tokio::test]
async fn refused_records_are_counted_in_the_encoding_of_the_request_and_kept() {
    let portal = Portal::start().unwrap();
    let record = |time: u64| json!({"timeUnixNano": time.to_string(), "body": {"stringValue": "x"}});
    let body = |records: Value| json!({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]});
    let three_days = 3 * 24 * 3_600_000_000_000;
    let records = json!([record(now()), record(now() - three_days), record(now() + three_days)]);
    let (status, response) = send_json(&portal, "/v1/logs", &body(records)).await;
    let success = &response["partialSuccess"];
    assert_eq!((status, &success["rejectedLogRecords"]), (200, &json!("2")));
    let message = success["errorMessage"].as_str().unwrap();
    assert!(message.contains("older than the allowed min date") && message.contains("later than"), "{message}");
    // A span without ids.
    let body = export("front", &[text(5, "GET"), span("00f067aa0ba902b7", None, "work", 2, &[])]);
    let (status, head, body) = send(&portal, "/v1/traces", PROTOBUF, &body).await;
    let reason = "the span has no valid trace id or span id";
    assert_eq!((status, body), (200, bytes(1, &[varint(1, 1), text(2, reason)].concat())));
    assert!(head.contains("content-type: application/x-protobuf"), "{head}");
    assert_eq!(portal.count(Filter::default()).await.unwrap().0, 2);
    let page = get(&portal, "/refused").await;
    assert!(page.contains(reason) && page.contains("otlp_python:otel1.45.2"), "{page}");
    assert!(
        page.contains("older than the allowed min date") && page.contains("OTel-OTLP-Exporter-Python/1.45.2"),
        "{page}"
    );
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_with_a_status_in_their_encoding() {
    let portal = Portal::start().unwrap();
    let (status, response) = send_json(&portal, "/v1/metrics", &json!({"resourceMetrics": 7})).await;
    assert_eq!((status, &response["code"]), (400, &json!(3)));
    assert!(response["message"].as_str().unwrap().contains("expected an array"), "{response}");
    let (status, head, body) = send(&portal, "/v1/traces", PROTOBUF, b"{}").await;
    let expected = [varint(1, 3), text(2, "the body is not a protobuf message")].concat();
    assert_eq!((status, body), (400, expected));
    assert!(head.contains("content-type: application/x-protobuf"), "{head}");
    for (headers, body, status) in [
        (format!("{JSON}content-encoding: gzip\r\n"), b"no gzip".to_vec(), 400),
        (format!("{JSON}content-encoding: br\r\n"), b"{}".to_vec(), 415),
        ("content-type: text/plain\r\n".to_owned(), b"{}".to_vec(), 415),
        (String::new(), b"{}".to_vec(), 415),
        (format!("{JSON}content-encoding: gzip\r\n"), gzip(&vec![b' '; 16 * 1024 * 1024 + 1]), 413),
        (JSON.to_owned(), vec![b' '; 8 * 1024 * 1024 + 1], 413),
    ] {
        assert_eq!(send(&portal, "/v1/logs", &headers, &body).await.0, status, "{headers}");
    }
    assert_eq!(portal.count(Filter::default()).await.unwrap().0, 0);
}

#[tokio::test]
async fn empty_requests_and_any_prefix_are_accepted() {
    let portal = Portal::start().unwrap();
    for path in ["/v1/traces", "//v1/logs", "/v1/metrics/", "/telemetry//v1/traces"] {
        let (status, head, body) = send(&portal, path, PROTOBUF, b"").await;
        assert_eq!((status, body.len()), (200, 0), "{path} {head}");
        assert_eq!(send_json(&portal, path, &json!({})).await, (200, json!({})), "{path}");
    }
    assert!(get(&portal, "/v1/traces").await.starts_with("HTTP/1.1 405"));
    let (status, ..) = send(&portal, "/v1/profiles", PROTOBUF, b"").await;
    assert_eq!(status, 404);
    assert_eq!(get_json(&portal, "/api/v1/count").await["count"], 0);
}
