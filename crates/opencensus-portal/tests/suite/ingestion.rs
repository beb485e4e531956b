//! The ingestion endpoint accepts all formats, validates items, and enforces its limits.

use opencensus_portal::{Filter, Portal};
use serde_json::{Value, json};
use test_support::client::raw;

use crate::support::{deflate, envelope, get, gzip, post};

#[tokio::test]
async fn all_body_formats_are_accepted() {
    let portal = Portal::start().unwrap();
    let (a, b) = (envelope("a").to_string(), envelope("b").to_string());
    let lines = format!("{a}\n{b}\n");
    let array = format!("[{a},{b}]");
    for (path, headers, body, items) in [
        ("/v2/track", "", array.clone().into_bytes(), 2),
        ("/v2.1/track", "content-encoding: gzip\r\n", gzip(array.as_bytes()), 2),
        ("/v2/track", "", gzip(lines.as_bytes()), 2),
        ("/v2.1/track", "content-type: application/x-json-stream\r\n", lines.into_bytes(), 2),
        ("/v2.1/track", "", a.into_bytes(), 1),
        ("/v2.1/track", "content-encoding: X-GZip\r\n", gzip(array.as_bytes()), 2),
        ("/v2.1/track", "content-encoding: deflate\r\n", deflate(array.as_bytes()), 2),
        ("/v2.1/track", "content-encoding: identity\r\n", format!("\u{FEFF}{array}").into_bytes(), 2),
    ] {
        let (status, response) = post(&portal, path, headers, &body).await;
        let app_id = "a68d6237-0e8b-8822-836d-bc7977b5e8ad";
        let expected = json!({"itemsReceived": items, "itemsAccepted": items, "appId": app_id, "errors": []});
        assert_eq!((status, &response), (200, &expected));
    }
    assert_eq!(portal.count(Filter::requests()).await.unwrap(), (15, 15.0));
}

#[tokio::test]
async fn unknown_encodings_are_refused_and_the_known_ones_listed() {
    let portal = Portal::start().unwrap();
    for encoding in ["br", "zstd", "gzip, gzip"] {
        let headers = format!("content-encoding: {encoding}\r\n");
        let (status, response) = post(&portal, "/v2.1/track", &headers, b"[]").await;
        let message = format!("the content encoding `{encoding}` is not supported: use gzip, deflate or none");
        assert_eq!((status, &response["errors"][0]["message"]), (415, &json!(message)));
    }
    let request = format!(
        "POST /v2/track HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-encoding: br\r\ncontent-length: 0\r\n\r\n",
        portal.address()
    );
    let response = raw(portal.address(), &request).await;
    assert!(response.contains("\r\naccept-encoding: gzip, deflate, identity\r\n"), "{response}");
}

#[tokio::test]
async fn each_item_is_accepted_or_refused_on_its_own() {
    let portal = Portal::start().unwrap();
    let lines = format!("{}\nnot json\n{}\n", envelope("a"), envelope("b"));
    let (status, response) = post(&portal, "/v2.1/track", "", lines.as_bytes()).await;
    assert_eq!((status, &response["itemsAccepted"], &response["errors"][0]["index"]), (206, &json!(2), &json!(1)));
    assert_eq!(response["errors"][0]["statusCode"], 400);
    let (status, response) = post(&portal, "/v2.1/track", "", b"[{},[]]").await;
    assert_eq!(
        (status, response["itemsAccepted"].as_u64(), response["errors"].as_array().map(Vec::len)),
        (400, Some(0), Some(2))
    );
}

#[tokio::test]
async fn paths_with_any_prefix_and_number_of_slashes_are_accepted() {
    let portal = Portal::start().unwrap();
    // OpenCensus for Python and Microsoft's exporter for Python append `/v2.1/track` to an endpoint that may end with a
    // slash, and post an array with these headers.
    let headers = "user-agent: python-requests/2.32.5\r\naccept: application/json\r\n\
                   content-type: application/json; charset=utf-8\r\n";
    let body = format!("[{}]", envelope("a"));
    for path in [
        "/v2.1/track",
        "//v2.1/track",
        "///v2.1/track",
        "//v2/track",
        "/telemetry/v2/track",
        "/a/b//v2.1/track",
        "/v2.1/track/",
    ] {
        let (status, response) = post(&portal, path, headers, body.as_bytes()).await;
        assert_eq!((status, &response["itemsAccepted"]), (200, &json!(1)), "{path}");
    }
    for (path, status) in [("//v2.1/tracks", 404), ("/v2.1//track", 404), ("/api/v1/v2.1/track", 404)] {
        assert_eq!(post(&portal, path, headers, body.as_bytes()).await.0, status, "{path}");
    }
    for path in ["/v2/track", "//v2.1/track", "/app/v2.1/track/"] {
        let response = get(&portal, path).await;
        assert!(response.starts_with("HTTP/1.1 405"), "{path}: {response}");
        assert!(response.contains("\r\nallow: POST, OPTIONS\r\n"), "{path}: {response}");
    }
    assert!(portal.connection_string().ends_with(&format!(";IngestionEndpoint=http://{}", portal.address())));
}

#[tokio::test]
async fn items_that_the_service_refuses_are_refused_with_its_messages() {
    let portal = Portal::start().unwrap();
    let changed = |pointer: &str, value: Value| {
        let mut envelope = envelope("a");
        *envelope.pointer_mut(pointer).unwrap() = value;
        envelope
    };
    let items = json!([
        envelope("a"),
        changed("/data/baseData/responseCode", "".into()),
        changed("/data/baseData/name", "x".repeat(1025).into()),
        changed("/tags", json!({"ai.operation.name": "x".repeat(1025)})),
        changed("/time", "2001-01-01T00:00:00Z".into()),
        changed("/time", "2999-01-01T00:00:00Z".into()),
        changed("/data/baseData", json!({"message": ""})),
        changed("/tags", json!({"own": "x".repeat(65_536)})),
    ]);
    let (status, response) = post(&portal, "/v2.1/track", "", items.to_string().as_bytes()).await;
    assert_eq!((status, &response["itemsAccepted"]), (206, &json!(1)));
    let errors = response["errors"].as_array().unwrap();
    let expected = [
        "109: Field 'responseCode' on type 'RequestData' is required but missing or empty",
        "100: Field 'name' on type 'RequestData' is too long. Expected: 1024 characters, Actual: 1025",
        "100: Field 'ai.operation.name' on type 'ContextTagKeys' is too long",
        "103: Field 'time' on type 'Envelope' is older than the allowed min date. Expected: now - 172800000ms",
        "103: Field 'time' on type 'Envelope' is later than the allowed max date",
        "109: Field 'id' on type 'RequestData' is required",
        "100: the item is larger than 65536 bytes",
    ];
    assert_eq!(errors.len(), expected.len());
    for (at, (error, expected)) in errors.iter().zip(expected).enumerate() {
        assert_eq!((&error["index"], &error["statusCode"]), (&json!(at + 1), &json!(400)));
        assert!(error["message"].as_str().unwrap().starts_with(expected), "{error}");
    }
}

#[tokio::test]
async fn properties_beyond_their_limits_are_cut() {
    let portal = Portal::start().unwrap();
    let mut long = envelope("a");
    long["data"]["baseData"]["properties"] = json!({"k".repeat(151): "v".repeat(8193)});
    let (status, _) = post(&portal, "/v2.1/track", "", long.to_string().as_bytes()).await;
    assert_eq!(status, 200);
    let items = portal.items(Filter::requests(), 1).await.unwrap();
    let properties = &items[0].envelope()["data"]["baseData"]["properties"];
    assert_eq!(properties, &json!({"k".repeat(150): "v".repeat(8192)}));
}

#[tokio::test]
async fn malformed_line_and_tiny_sampling_rate_are_refused_alone() {
    let portal = Portal::start().unwrap();
    let mut tiny = envelope("tiny");
    tiny["sampleRate"] = json!(1e-300);
    let mut small = envelope("small");
    small["sampleRate"] = json!(0.0001);
    let body = [
        envelope("a").to_string().as_bytes(),
        b"{\"\xFF\":1}",
        tiny.to_string().as_bytes(),
        small.to_string().as_bytes(),
    ]
    .join(&b'\n');
    let (status, response) = post(&portal, "/v2.1/track", "", &body).await;
    assert_eq!((status, &response["itemsReceived"], &response["itemsAccepted"]), (206, &json!(4), &json!(2)));
    assert_eq!((&response["errors"][0]["index"], &response["errors"][1]["index"]), (&json!(1), &json!(2)));
    assert_eq!(portal.count(Filter::requests()).await.unwrap(), (2, 1_000_001.0));
}

#[tokio::test]
async fn bodies_beyond_the_limits_are_refused() {
    let portal = Portal::start().unwrap();
    let (status, _) = post(&portal, "/v2.1/track", "", &vec![b' '; 8 * 1024 * 1024 + 1]).await;
    assert_eq!(status, 413);
    let bomb = gzip(&vec![b' '; 16 * 1024 * 1024 + 1]);
    let (status, _) = post(&portal, "/v2.1/track", "content-encoding: gzip\r\n", &bomb).await;
    assert_eq!(status, 413);
    let deep = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    let (status, _) = post(&portal, "/v2.1/track", "", deep.as_bytes()).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn small_body_cannot_cost_a_large_response() {
    let portal = Portal::start().unwrap();
    for text in ["1,", "1\n", "{},"] {
        let open = if text.ends_with(',') { "[" } else { "" };
        let bomb = gzip(format!("{open}{}1]", text.repeat(4 * 1024 * 1024 / text.len())).as_bytes());
        assert!(bomb.len() < 64 * 1024);
        let (status, response) = post(&portal, "/v2.1/track", "content-encoding: gzip\r\n", &bomb).await;
        assert_eq!((status, response["errors"].as_array().unwrap().len()), (413, 1), "{text}");
    }
    let (status, response) = post(&portal, "/v2.1/track", "", format!("[{}1]", "1,".repeat(4095)).as_bytes()).await;
    assert_eq!((status, &response["itemsReceived"]), (400, &json!(4096)));
    assert_eq!(response["errors"].as_array().unwrap().len(), 1000);
}
