//! Requests become envelopes of the schema of Application Insights.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::sampling::{SamplerSetting, SamplingRate};
use opencensus::{OpenCensusLayer, RequestSpan, Settings, Telemetry};
use opencensus_azure::{AzureExporter, ConnectionString};
use opencensus_portal::{Fault, Portal, metrics, requests};
use serde_json::Value;
use tower::{Layer, ServiceExt, service_fn};

use crate::support::SettingsExt as _;
use crate::support::quick;
use test_support::TIMEOUT;
use test_support::endpoint::{Endpoint, KEY, Post};

fn settings(endpoint: &Endpoint) -> Settings {
    settings_for(&endpoint.connection_string())
}

fn settings_for(connection_string: &str) -> Settings {
    let settings = Settings::default().with(|s| s.limits = quick()).with_service_name("shop");
    settings.with_store(false).with_connection_string(connection_string.parse().unwrap())
}

async fn serve(telemetry: &Telemetry, request: Request<()>, status: u16, handler: impl Fn(&RequestSpan)) {
    let service = service_fn(|_: Request<()>| {
        if let Some(span) = RequestSpan::current() {
            handler(&span);
        }
        let mut response = Response::new(Empty::<Bytes>::new());
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        std::future::ready(Ok::<_, Infallible>(response))
    });
    OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request).await.unwrap();
}

fn get(path: &str) -> Request<()> {
    Request::get(path).header("host", "shop.example").body(()).unwrap()
}

/// Serves one request and returns the POST that exports it.
async fn post(settings: impl Fn(Settings) -> Settings, request: Request<()>, handler: impl Fn(&RequestSpan)) -> Post {
    let endpoint = Endpoint::start([]).await;
    let telemetry = settings(self::settings(&endpoint)).start().unwrap();
    serve(&telemetry, request, 200, handler).await;
    assert_eq!(telemetry.shutdown(TIMEOUT).await.stats.delivered, 1);
    endpoint.posts().remove(0)
}

#[tokio::test]
async fn post_is_a_compressed_array_to_the_track_path() {
    let post = post(|settings| settings, get("/users/7"), |_| {}).await;
    assert_eq!(post.path, "/v2.1/track");
    assert_eq!(post.headers["content-type"], "application/json");
    assert_eq!(post.headers["content-encoding"], "gzip");
    assert_eq!(post.headers["user-agent"], "", "the service copies the user agent of the POST into items without one");
    assert!(!post.headers.contains_key("traceparent") && !post.headers.contains_key("referer"));
    assert_eq!(post.items.len(), 1);
}

#[tokio::test]
async fn envelope_has_the_fields_of_the_schema() {
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = Request::get("http://user:pass@shop.example:80/users/7?a=1&sig=s")
        .header("traceparent", parent)
        .header("user-agent", "curl \"quoted\" \\ é")
        .body(())
        .unwrap();
    let post = post(
        |settings| settings,
        request,
        |span| {
            span.set_route("/users/{id}");
            span.set_attribute(opencensus::Attribute::new("tier", "gold\n\u{1}"));
        },
    )
    .await;
    let item = &post.items[0];
    assert_eq!(item["ver"], 1);
    assert_eq!(item["name"], "Microsoft.ApplicationInsights.Request");
    assert_eq!((&item["iKey"], &item["sampleRate"]), (&KEY.into(), &100.into()));
    assert!(item["time"].as_str().is_some_and(|time| time.ends_with('Z') && time.len() == 27));
    let (tags, base) = (&item["tags"], &item["data"]["baseData"]);
    assert_eq!(tags["ai.operation.id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(tags["ai.operation.parentId"], "00f067aa0ba902b7");
    assert_eq!(tags["ai.operation.name"], "GET /users/{id}");
    assert_eq!(tags["ai.cloud.role"], "shop");
    assert!(tags["ai.cloud.roleInstance"].is_string() && tags["ai.internal.sdkVersion"].is_string());
    assert_eq!(tags["ai.user.userAgent"], "curl \"quoted\" \\ é");
    assert_eq!(item["data"]["baseType"], "RequestData");
    assert_eq!((&base["ver"], &base["name"]), (&2.into(), &"GET /users/{id}".into()));
    assert_eq!(base["id"].as_str().map(str::len), Some(16));
    assert_eq!((&base["success"], &base["responseCode"]), (&true.into(), &"200".into()));
    assert_eq!(base["url"], "http://shop.example/users/7?a=1&sig=REDACTED");
    assert!(base["duration"].as_str().is_some_and(|duration| duration.starts_with("0.00:00:0")));
    assert_eq!(base["properties"], serde_json::json!({"tier": "gold\n\u{1}"}));
}

#[tokio::test]
async fn each_item_of_a_batch_has_its_own_name() {
    let endpoint = Endpoint::start([]).await;
    let telemetry = settings(&endpoint).start().unwrap();
    for (path, route) in [("/users/7", Some("/users/{id}")), ("/", None), ("/a", Some("/a"))] {
        let name = |span: &RequestSpan| route.into_iter().for_each(|route| span.set_route(route));
        serve(&telemetry, get(path), 200, name).await;
    }
    telemetry.shutdown(TIMEOUT).await;
    let items: Vec<_> = endpoint.posts().into_iter().flat_map(|post| post.items).collect();
    let names: Vec<_> = items.iter().map(|item| item["data"]["baseData"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["GET /users/{id}", "GET", "GET /a"]);
    assert!(items.iter().all(|item| item["tags"]["ai.operation.name"] == item["data"]["baseData"]["name"]));
}

#[tokio::test]
async fn sample_rate_is_the_sampling_rate_in_per_cent() {
    let quarter = SamplerSetting::Probability(SamplingRate::try_from(0.25).unwrap());
    let kept = || Request::get("/").header("traceparent", "00-ffffffffffffffff0000000000000001-00f067aa0ba902b7-00");
    let post = post(|settings| settings.with_sampler(quarter.clone()), kept().body(()).unwrap(), |_| {}).await;
    assert_eq!(post.items[0]["sampleRate"], 25);
}

#[tokio::test]
async fn success_follows_the_status_and_the_settings() {
    for (status, client_errors_succeed, success) in
        [(200, false, true), (399, false, true), (404, false, false), (404, true, true), (500, true, false)]
    {
        let endpoint = Endpoint::start([]).await;
        let settings = settings(&endpoint).with(|s| s.trace.client_errors_succeed = client_errors_succeed);
        let telemetry = settings.start().unwrap();
        serve(&telemetry, get("/"), status, |_| {}).await;
        telemetry.shutdown(TIMEOUT).await;
        assert_eq!(endpoint.posts()[0].items[0]["data"]["baseData"]["success"], success, "{status}");
    }
}

#[tokio::test]
async fn long_texts_are_cut_by_utf16_units_between_characters() {
    let path = format!("/{}", "a".repeat(3000));
    let post = post(
        |settings| settings,
        get(&path),
        |span| {
            span.set_name("😀".repeat(600));
            span.set_attribute(opencensus::Attribute::new("k".repeat(200), "é".repeat(9000)));
        },
    )
    .await;
    let units = |value: &Value| value.as_str().unwrap().encode_utf16().count();
    let (tags, base) = (&post.items[0]["tags"], &post.items[0]["data"]["baseData"]);
    assert_eq!((units(&base["name"]), units(&tags["ai.operation.name"])), (1024, 1024));
    assert_eq!(units(&base["url"]), 2048);
    let (key, value) = base["properties"].as_object().unwrap().iter().next().unwrap();
    assert_eq!((key.len(), units(value)), (150, 8192));
}

#[tokio::test]
async fn client_address_can_be_masked() {
    let request = || {
        let mut request = get("/");
        request.extensions_mut().insert(opencensus::PeerAddress(([203, 0, 113, 9], 1234).into()));
        request
    };
    let open = post(|settings| settings, request(), |_| {}).await;
    assert_eq!(open.items[0]["tags"]["ai.location.ip"], "203.0.113.9");
    let masked = post(|settings| settings.with(|s| s.privacy.mask_client_address = true), request(), |_| {}).await;
    assert_eq!(masked.items[0]["tags"]["ai.location.ip"], "0.0.0.0");
    assert!(!masked.text.contains("203.0.113.9"));
}

#[tokio::test]
async fn only_availability_tests_and_robots_are_marked_as_synthetic() {
    let availability = "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0; AppInsights) AlwaysOn";
    for (user_agent, kind, is_synthetic) in [
        ("Mozilla/5.0 (X11)", None, false),
        ("Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0; AppInsights)", None, true),
        (availability, None, true),
        ("crawler/1", Some("bot"), true),
        ("probe/1", Some("test"), true),
        ("Mozilla/5.0 (X11)", Some("human"), false),
    ] {
        let request = Request::get("/").header("user-agent", user_agent).body(()).unwrap();
        let post = post(
            |settings| settings,
            request,
            |span| {
                if let Some(kind) = kind {
                    span.set_attribute(opencensus::Attribute::new("user_agent.synthetic.type", kind));
                }
            },
        );
        let source = post.await.items[0]["tags"].get("ai.operation.syntheticSource").cloned();
        assert_eq!(source, is_synthetic.then(|| "True".into()), "{user_agent} {kind:?}");
    }
}

#[tokio::test]
async fn no_debug_output_and_no_error_contains_the_key() {
    let endpoint = Endpoint::start([]).await;
    let settings = settings(&endpoint);
    let connection: ConnectionString = endpoint.connection_string().parse().unwrap();
    let exporter = AzureExporter::new(&connection, &settings.resource).unwrap();
    let telemetry = settings.clone().start().unwrap();
    let layer = OpenCensusLayer::new(telemetry.clone());
    let report = telemetry.flush(TIMEOUT).await;
    let broken = format!("InstrumentationKey={KEY};IngestionEndpoint=https://user:{KEY}@x").parse::<ConnectionString>();
    let error =
        Settings::default().with_store(false).with_connection_string(broken.clone().unwrap()).start().unwrap_err();
    let key_in_wrong_place = KEY.parse::<ConnectionString>().unwrap_err();
    let texts = [
        format!("{settings:?} {connection:?} {exporter:?} {telemetry:?} {layer:?} {report:?} {broken:?}"),
        format!("{error:?} {error} {key_in_wrong_place:?} {key_in_wrong_place}"),
    ];
    let bytes = KEY.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    for text in texts {
        assert!(!text.contains(KEY) && !text.contains(&bytes), "{text}");
    }
}

#[tokio::test]
async fn body_sizes_become_measurements_and_headers_properties() {
    let request = Request::get("/").header("host", "shop").header("x-tenant", "blue").header("content-length", "7");
    let settings = |settings: Settings| {
        settings
            .with(|s| s.trace.body_sizes = true)
            .with(|s| s.trace.request_headers = ["X-Tenant", "x-none"].map(str::to_owned).to_vec())
    };
    let post = post(settings, request.body(()).unwrap(), |_| {}).await;
    let data = &post.items[0]["data"]["baseData"];
    assert_eq!(data["properties"], serde_json::json!({ "http.request.header.x-tenant": "blue" }));
    assert_eq!(data["measurements"], serde_json::json!({ "http.request.body.size": 7, "http.response.body.size": 0 }));
}

#[tokio::test]
async fn events_of_a_request_are_sent_as_its_children() {
    let endpoint = Endpoint::start([]).await;
    let telemetry = settings(&endpoint).start().unwrap();
    serve(&telemetry, get("/users/7"), 500, |span| {
        span.set_route("/users/{id}");
        let attributes = vec![
            opencensus::Attribute::new("exception.type", "shop::OutOfStock"),
            opencensus::Attribute::new("exception.message", "no more chairs"),
            opencensus::Attribute::new("exception.stacktrace", "at shop::reserve"),
            opencensus::Attribute::new("shop.chairs", 0),
        ];
        let time = std::time::SystemTime::now();
        span.add_event(opencensus::Event::new("exception", time).with_attributes(attributes));
        span.add_event(opencensus::Event::new("cache miss", time));
    })
    .await;
    let report = telemetry.shutdown(TIMEOUT).await;
    assert_eq!((report.stats.accepted, report.stats.delivered), (3, 3), "three items");
    assert!(report.stats.balances());
    let items = endpoint.posts().remove(0).items;
    let of = |kind: &str| items.iter().find(|item| item["data"]["baseType"] == kind).unwrap();
    let (request, error, message) = (of("RequestData"), of("ExceptionData"), of("MessageData"));
    assert_eq!(request["data"]["baseData"]["properties"], Value::Null);
    let id = &request["data"]["baseData"]["id"];
    for below in [error, message] {
        assert_eq!(&below["tags"]["ai.operation.parentId"], id);
        assert_eq!(below["tags"]["ai.operation.id"], request["tags"]["ai.operation.id"]);
        assert_eq!(below["tags"]["ai.operation.name"], "GET /users/{id}");
        assert_eq!(below["tags"]["ai.cloud.role"], "shop");
    }
    let exception = &error["data"]["baseData"]["exceptions"][0];
    assert_eq!((&exception["typeName"], &exception["message"]), (&"shop::OutOfStock".into(), &"no more chairs".into()));
    assert_eq!((&exception["stack"], &exception["hasFullStack"]), (&"at shop::reserve".into(), &true.into()));
    assert_eq!(error["data"]["baseData"]["properties"], serde_json::json!({ "shop.chairs": "0" }));
    assert_eq!(message["data"]["baseData"]["message"], "cache miss");
}

#[tokio::test]
async fn processors_change_and_drop_items_and_a_panic_keeps_the_item() {
    let endpoint = Endpoint::start([]).await;
    let settings = settings(&endpoint)
        .with_processor(|item| match item {
            opencensus_core::TelemetryItem::Request(request) => {
                request.set_attribute(opencensus::Attribute::new("shop.first", true));
                assert_ne!(request.path(), "/panic", "this processor panics");
                request.path() != "/drop"
            }
            _ => true,
        })
        .with_processor(|item| {
            if let opencensus_core::TelemetryItem::Request(request) = item {
                request.set_attribute(opencensus::Attribute::new("shop.second", true));
            }
            !matches!(item, opencensus_core::TelemetryItem::Message(_))
        });
    let telemetry = settings.start().unwrap();
    for path in ["/keep", "/drop", "/panic"] {
        serve(&telemetry, get(path), 200, |span| {
            let time = std::time::SystemTime::now();
            span.add_event(opencensus::Event::new("a message", time));
        })
        .await;
    }
    let stats = telemetry.shutdown(TIMEOUT).await.stats;
    assert!(stats.balances(), "{stats:?}");
    let dropped = stats.dropped.get(opencensus::stats::DropReason::Processor);
    assert_eq!((stats.accepted, stats.delivered, dropped, stats.processor_panics), (5, 2, 3, 1), "{stats:?}");
    let items: Vec<_> = endpoint.posts().into_iter().flat_map(|post| post.items).collect();
    let urls: Vec<_> = items.iter().map(|item| item["data"]["baseData"]["url"].as_str().unwrap()).collect();
    assert_eq!(urls, ["http://shop.example/keep", "http://shop.example/panic"]);
    for item in items {
        let properties = &item["data"]["baseData"]["properties"];
        assert_eq!(properties, &serde_json::json!({ "shop.first": "true", "shop.second": "true" }));
    }
}

#[tokio::test]
async fn counters_are_sent_as_metrics_to_the_same_resource_if_an_interval_is_set() {
    let portal = Portal::start().unwrap();
    portal.inject(Fault::status(429)).unwrap();
    let every = Duration::from_secs(3600);
    let settings = settings_for(&portal.connection_string()).with(|s| s.stats.interval = Some(every));
    let telemetry = settings.with_blacklist_paths(["/health"]).start().unwrap();
    serve(&telemetry, get("/users/7"), 200, |_| {}).await;
    telemetry.flush(TIMEOUT).await;
    let report = telemetry.shutdown(TIMEOUT).await;
    assert_eq!((report.stats.delivered, report.stats.dropped.total()), (3, 0));
    let request = portal.wait_for(requests(), 1).await.unwrap().remove(0).envelope();
    let mut items = portal.wait_for(metrics(), 2).await.unwrap();
    items.sort_by(|one, other| other.name.cmp(&one.name));
    let counters: Vec<_> = items.iter().map(|item| (item.name.as_str(), item.value)).collect();
    assert_eq!(counters, [("Item_Success_Count", Some(1.0)), ("Item_Retry_Count", Some(1.0))]);
    assert!(items.iter().all(|item| item.envelope()["iKey"] == request["iKey"]));
}

#[tokio::test]
async fn only_the_endpoint_of_the_connection_string_is_contacted() {
    let endpoint = Endpoint::start([]).await;
    let telemetry = settings(&endpoint).start().unwrap();
    for n in 0..20 {
        serve(&telemetry, get(&format!("/{n}")), 200, |_| {}).await;
    }
    assert_eq!(telemetry.shutdown(TIMEOUT).await.stats.delivered, 20);
    let hosts: std::collections::HashSet<_> =
        endpoint.posts().iter().map(|post| post.headers["host"].to_str().unwrap().to_owned()).collect();
    assert_eq!(hosts, [endpoint.address.to_string()].into());
    assert!(endpoint.posts().iter().all(|post| post.path == "/v2.1/track"));
    assert_eq!(endpoint.posts().iter().map(|post| post.items.len()).sum::<usize>(), 20, "no other items are sent");
}
