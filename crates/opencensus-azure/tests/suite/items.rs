//! What items of every kind hold: all attributes, the tags of users, no secrets.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opencensus_azure::{AzureExporter, ConnectionString};
use opencensus_core::{
    Attribute, AvailabilityRecord, Batch, EventRecord, ExceptionCause, ExceptionRecord, Exporter as _, MessageRecord,
    MetricRecord, Origin, PageViewRecord, QueryRedaction, RequestRecord, Resource, SamplingRate, SpanKind, SpanRecord,
    TelemetryItem, TraceContext,
};
use serde_json::Value;

use crate::support::head::Head;

fn exporter(resource: &str) -> AzureExporter {
    let connection: ConnectionString = "UseDevelopmentTelemetry=true".parse().unwrap();
    AzureExporter::new(&connection, &Resource::parse(resource).unwrap()).unwrap()
}

fn envelope_by(exporter: &mut AzureExporter, item: TelemetryItem) -> Value {
    let mut batch = Batch::default();
    exporter.encode(item, &mut batch).unwrap();
    serde_json::from_slice(&batch.bytes()[1..]).unwrap()
}

fn envelope(item: TelemetryItem) -> Value {
    envelope_by(&mut exporter(""), item)
}

const KINDS: [SpanKind; 5] =
    [SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer, SpanKind::Internal];

fn span(kind: SpanKind, attributes: &[(&'static str, &str)]) -> TelemetryItem {
    let mut span = SpanRecord::new(TraceContext::root(), kind, "work");
    span.attributes = pairs(attributes);
    span.into()
}

fn pairs(attributes: &[(&'static str, &str)]) -> Vec<Attribute> {
    attributes.iter().map(|(key, value)| Attribute::new(*key, (*value).to_owned())).collect()
}

/// An item of every kind with these attributes.
fn every_kind(attributes: &[(&'static str, &str)]) -> Vec<TelemetryItem> {
    let here = || Origin::at(SystemTime::now());
    let mut items: Vec<_> = KINDS.iter().map(|kind| span(*kind, attributes)).collect();
    let mut error = ExceptionRecord::new(here());
    let mut message = MessageRecord::new(here(), "low stock");
    let mut event = EventRecord::new(here(), "order placed");
    let mut page = PageViewRecord::new(here(), "chairs");
    let mut metric = MetricRecord::new(here(), "shop.queue", 7.0);
    let mut test = AvailabilityRecord::new(here(), "front page", Duration::from_millis(80), true);
    for list in [
        &mut error.attributes,
        &mut message.attributes,
        &mut event.attributes,
        &mut page.attributes,
        &mut metric.attributes,
        &mut test.attributes,
    ] {
        *list = pairs(attributes);
    }
    items.extend([error.into(), message.into(), event.into(), page.into(), metric.into(), test.into()]);
    let mut request = RequestRecord::new(TraceContext::root(), None, SamplingRate::ALL, &Head);
    request.set_start(SystemTime::now());
    pairs(attributes).into_iter().for_each(|attribute| request.set_attribute(attribute));
    items.push(request.into());
    items
}

/// All texts in a value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(members) => members.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

/// Attributes that some kind of item has a field or a tag for, with values that occur nowhere else.
const MAPPED: [(&str, &str); 36] = [
    ("az.namespace", "v-namespace"),
    ("client.address", "192.0.2.81"),
    ("db.name", "v-db-name"),
    ("db.namespace", "v-db-namespace"),
    ("db.operation.name", "v-db-operation"),
    ("db.query.text", "v-db-query"),
    ("db.system", "v-db-system"),
    ("db.system.name", "v-db-system-name"),
    ("enduser.id", "v-enduser"),
    ("enduser.pseudo.id", "v-pseudo"),
    ("gen_ai.provider.name", "v-provider"),
    ("http.host", "v-http-host"),
    ("http.request.method", "V-METHOD"),
    ("http.response.status_code", "v-http-status"),
    ("http.route", "/v-route"),
    ("http.target", "/v-target"),
    ("http.url", "http://v-old-url/"),
    ("messaging.destination.name", "v-destination"),
    ("messaging.system", "v-messaging"),
    ("microsoft.custom", "v-microsoft"),
    ("net.peer.ip", "192.0.2.82"),
    ("net.peer.name", "v-net-peer"),
    ("network.peer.address", "192.0.2.83"),
    ("peer.service", "v-peer-service"),
    ("rpc.grpc.status_code", "v-grpc-status"),
    ("rpc.response.status_code", "v-rpc-status"),
    ("rpc.system", "v-rpc-system"),
    ("rpc.system.name", "v-rpc-system-name"),
    ("server.address", "v-server"),
    ("server.port", "64999"),
    ("session.id", "v-session"),
    ("url.full", "https://v-url/"),
    ("url.path", "/v-path"),
    ("url.scheme", "v-scheme"),
    ("user.id", "v-user"),
    ("user_agent.original", "v-user-agent"),
];

#[test]
fn every_attribute_is_in_a_field_a_tag_or_a_property_of_its_item() {
    let groups: [&[(&str, &str)]; 7] = [
        &MAPPED,
        &MAPPED[..10],
        &MAPPED[10..18],
        &MAPPED[14..28],
        &MAPPED[20..31],
        &MAPPED[26..36],
        &[
            ("http.request.method", "V-METHOD"),
            ("url.scheme", "https"),
            ("url.path", "/v-path"),
            ("server.port", "64999"),
        ],
    ];
    for attributes in groups {
        for item in every_kind(attributes) {
            let envelope = envelope(item);
            let mut found = Vec::new();
            texts(&envelope, &mut found);
            for (key, value) in attributes {
                assert!(found.iter().any(|text| text.contains(value)), "{key} is lost: {envelope:#}");
            }
        }
    }
}

#[test]
fn attribute_that_a_field_holds_is_no_property() {
    let request = envelope(span(
        SpanKind::Server,
        &[
            ("http.request.method", "GET"),
            ("http.method", "GET"),
            ("http.route", "/users/{id}"),
            ("url.scheme", "https"),
            ("url.path", "/users/7"),
            ("server.address", "shop.example"),
            ("server.port", "443"),
            ("http.response.status_code", "200"),
            ("client.address", "192.0.2.1"),
            ("user_agent.original", "curl/8"),
            ("session.id", "s-1"),
        ],
    ));
    assert_eq!(request["data"]["baseData"].get("properties"), None, "{request:#}");
    let query =
        [("db.system.name", "redis"), ("db.query.text", "GET 1"), ("server.address", "db"), ("db.namespace", "0")];
    assert_eq!(envelope(span(SpanKind::Client, &query))["data"]["baseData"].get("properties"), None);
}

#[test]
fn points_of_a_metric_keep_all_their_dimensions() {
    let point = |attributes: &[(&'static str, &str)]| {
        let mut metric = MetricRecord::new(Origin::at(SystemTime::now()), "http.server.request.duration", 7.0);
        (metric.count, metric.interval) = (Some(3), Some(Duration::from_secs(60)));
        metric.attributes = pairs(attributes);
        envelope(metric.into())["data"]["baseData"]["properties"].take()
    };
    let dimensions = [
        ("http.request.method", "GET"),
        ("http.route", "/users/{id}"),
        ("http.response.status_code", "200"),
        ("server.address", "db1"),
        ("user.id", "anna"),
        ("client.address", "192.0.2.1"),
    ];
    let mut expected = serde_json::json!({ "_MS.AggregationIntervalMs": "60000" });
    dimensions.iter().for_each(|(key, value)| expected[*key] = (*value).into());
    assert_eq!(point(&dimensions), expected);
    assert_ne!(point(&[("server.address", "db1")]), point(&[("server.address", "db2")]));
}

#[test]
fn users_and_sessions_are_tags_of_items_of_every_kind() {
    let ids = [("user.id", "anna"), ("enduser.pseudo.id", "anonymous-7"), ("session.id", "s-1")];
    for item in every_kind(&ids) {
        let envelope = envelope(item);
        for (tag, value) in [("ai.user.authUserId", "anna"), ("ai.user.id", "anonymous-7"), ("ai.session.id", "s-1")] {
            assert_eq!(envelope["tags"][tag], value, "{tag}: {envelope:#}");
        }
    }
    // The tag of a session has 64 characters.
    let long = "s".repeat(65);
    let cut = envelope(span(SpanKind::Client, &[("session.id", &long)]));
    assert_eq!(cut["tags"]["ai.session.id"], long[..64]);
    assert_eq!(cut["data"]["baseData"]["properties"]["session.id"], long);
}

#[test]
fn no_item_contains_a_secret_of_a_url() {
    const SECRET: &str = "hunter2";
    let url = "https://anna:hunter2@h/x?sig=hunter2&page=2";
    let attributes = [
        ("url.full", url),
        ("http.url", url),
        ("url.query", "sig=hunter2&page=2"),
        ("http.target", "/x?api_key=hunter2"),
        ("db.query.text", "copy from 'https://h/?sig=hunter2'"),
        ("http.request.header.referer", url),
        ("shop.callback", "https://h/#access_token=hunter2"),
        ("peer.service", "https://anna:hunter2@h/"),
    ];
    let http = [("http.request.method", "GET"), ("url.full", url)];
    let old = [("http.method", "GET"), ("http.scheme", "https"), ("http.host", "h"), ("http.target", "/x?sig=hunter2")];
    let mut items = every_kind(&attributes);
    items.extend(KINDS.iter().flat_map(|kind| [span(*kind, &http), span(*kind, &old)]));
    items.push(MessageRecord::new(Origin::at(SystemTime::now()), format!("no response from {url}")).into());
    items.push(SpanRecord::new(TraceContext::root(), SpanKind::Client, format!("GET {url}")).into());
    let mut error = ExceptionRecord::new(Origin::at(SystemTime::now()));
    error.message = Some(format!("error sending request for url ({url})").into());
    error.stack = Some(format!("at {url}").into());
    error.add_cause(ExceptionCause::new(None, format!("no response from {url}")));
    items.push(error.into());
    let mut page = PageViewRecord::new(Origin::at(SystemTime::now()), "chairs");
    page.url = Some(url.into());
    items.push(page.into());
    for item in items {
        let text = envelope(item.clone()).to_string();
        assert!(!text.contains(SECRET) && text.contains("REDACTED"), "{text}");
        let mut lenient = exporter("").with_query_redaction(QueryRedaction::None);
        // A request carries the setting of the middleware.
        let is_request = matches!(item, TelemetryItem::Request(_));
        assert_eq!(envelope_by(&mut lenient, item).to_string().contains(SECRET), !is_request, "the setting decides");
    }
}

fn error_with_causes(count: usize, length: usize) -> ExceptionRecord {
    let mut error = ExceptionRecord::new(Origin::at(SystemTime::now()));
    (error.type_name, error.message) = (Some("shop::NoStock".into()), Some("could not reserve".into()));
    for number in 1..=count {
        let type_name = (number > 1).then(|| "std::io::Error".into());
        error.add_cause(ExceptionCause::new(type_name, format!("cause {number} {}", "x".repeat(length))));
    }
    error.attributes.push(Attribute::new("shop.chair", "7"));
    error
}

#[test]
fn causes_of_an_exception_are_linked_by_ids_outermost_first_and_at_most_ten_are_sent() {
    let data = envelope(error_with_causes(2, 0).into())["data"]["baseData"].take();
    let expected = serde_json::json!([
        { "id": 1, "hasFullStack": false, "typeName": "shop::NoStock", "message": "could not reserve" },
        { "id": 2, "outerId": 1, "hasFullStack": false, "message": "cause 1 " },
        { "id": 3, "outerId": 2, "hasFullStack": false, "typeName": "std::io::Error", "message": "cause 2 " },
    ]);
    assert_eq!(data["exceptions"], expected);
    assert_eq!(data["properties"], serde_json::json!({ "shop.chair": "7" }));
    let single = envelope(error_with_causes(0, 0).into());
    assert_eq!(single["data"]["baseData"]["exceptions"][0].get("id"), None, "nothing refers to it");
    let long = envelope(error_with_causes(64, 0).into())["data"]["baseData"].take();
    assert_eq!(long["exceptions"].as_array().unwrap().len(), 10);
    assert_eq!(long["properties"]["opencensus.causes_left_out"], "55");
}

#[test]
fn exception_that_is_too_large_has_shorter_causes_and_then_fewer() {
    let sent = |limit: usize| {
        let mut exporter = exporter("").with_max_item_bytes(limit);
        let data = envelope_by(&mut exporter, error_with_causes(9, 3_000).into())["data"]["baseData"].take();
        let causes = data["exceptions"].as_array().unwrap().len() - 1;
        let left_out =
            data["properties"]["opencensus.causes_left_out"].as_str().map_or(0, |text| text.parse().unwrap());
        assert_eq!(causes + left_out, 9, "{data}");
        assert_eq!(data["exceptions"][0]["message"], "could not reserve");
        (causes, data["exceptions"][1]["message"].as_str().map_or(0, str::len))
    };
    assert_eq!(sent(64 << 10), (9, 3_008));
    let (causes, length) = sent(16 << 10);
    assert!(causes == 9 && length < 2_000, "{length}");
    let (causes, length) = sent(1 << 10);
    assert!((1..9).contains(&causes) && length <= 128, "{causes} {length}");
}

type Attributes = &'static [(&'static str, &'static str)];

/// The attributes of a span by the current names of OpenTelemetry's conventions, and by older ones.
const CONVENTIONS: [(SpanKind, Attributes, Attributes); 7] = [
    (
        SpanKind::Client,
        &[
            ("rpc.system.name", "grpc"),
            ("rpc.response.status_code", "14"),
            ("server.address", "g"),
            ("server.port", "1"),
        ],
        &[("rpc.system", "grpc"), ("rpc.grpc.status_code", "14"), ("net.peer.name", "g"), ("net.peer.port", "1")],
    ),
    (SpanKind::Client, &[("rpc.system.name", "jsonrpc")], &[("rpc.system", "jsonrpc")]),
    (
        SpanKind::Client,
        &[("db.system.name", "redis"), ("db.query.text", "q"), ("db.namespace", "0"), ("service.peer.name", "s")],
        &[("db.system", "redis"), ("db.statement", "q"), ("db.name", "0"), ("peer.service", "s")],
    ),
    (
        SpanKind::Client,
        &[("http.request.method", "GET"), ("url.full", "https://h/x"), ("http.response.status_code", "200")],
        &[("http.method", "GET"), ("http.url", "https://h/x"), ("http.status_code", "200")],
    ),
    (
        SpanKind::Server,
        &[
            ("http.request.method", "GET"),
            ("url.scheme", "https"),
            ("url.path", "/x"),
            ("url.query", "a=b"),
            ("server.address", "h"),
        ],
        &[("http.method", "GET"), ("http.scheme", "https"), ("http.target", "/x?a=b"), ("net.host.name", "h")],
    ),
    (
        SpanKind::Producer,
        &[("messaging.system", "kafka"), ("messaging.destination.name", "q"), ("server.address", "k")],
        &[("messaging.system", "kafka"), ("messaging.destination", "q"), ("net.peer.name", "k")],
    ),
    (
        SpanKind::Consumer,
        &[("messaging.destination.name", "q"), ("network.peer.address", "192.0.2.1")],
        &[("messaging.destination", "q"), ("net.peer.ip", "192.0.2.1")],
    ),
];

#[test]
fn current_and_older_names_of_conventions_give_the_same_fields() {
    let fields = |kind, attributes: &[(&'static str, &str)]| {
        let data = envelope(span(kind, attributes))["data"]["baseData"].take();
        ["type", "target", "data", "resultCode", "responseCode", "url", "source"]
            .map(|field| data[field].as_str().unwrap_or_default().to_owned())
    };
    for (kind, current, older) in CONVENTIONS {
        assert_eq!(fields(kind, current), fields(kind, older), "{current:?}");
        assert!(fields(kind, current).iter().any(|field| !field.is_empty() && field != "0"), "{current:?}");
    }
    let status = |value| fields(SpanKind::Client, &[("rpc.system.name", "grpc"), ("rpc.response.status_code", value)]);
    assert_eq!((&*status("UNAVAILABLE")[0], &*status("UNAVAILABLE")[3]), ("GRPC", "UNAVAILABLE"));
}

#[test]
fn key_with_an_empty_value_ends_no_chain() {
    let empty = [
        ("url.full", ""),
        ("http.url", "https://h/x"),
        ("http.request.method", " "),
        ("http.method", "GET"),
        ("http.response.status_code", ""),
        ("http.status_code", "503"),
        ("peer.service", ""),
        ("enduser.id", ""),
        ("user.id", "anna"),
    ];
    let call = envelope(span(SpanKind::Client, &empty));
    let data = &call["data"]["baseData"];
    assert_eq!((&data["type"], &data["target"]), (&"HTTP".into(), &"h".into()));
    assert_eq!((&data["data"], &data["resultCode"]), (&"https://h/x".into(), &"503".into()));
    assert_eq!(call["tags"]["ai.user.authUserId"], "anna");
    let database = [
        ("db.system.name", ""),
        ("db.system", "redis"),
        ("db.query.text", ""),
        ("db.operation.name", "GET"),
        ("server.address", ""),
        ("net.peer.name", "db"),
        ("db.namespace", ""),
        ("db.name", "0"),
    ];
    let query = envelope(span(SpanKind::Client, &database))["data"]["baseData"].take();
    assert_eq!((&query["type"], &query["target"], &query["data"]), (&"redis".into(), &"db|0".into(), &"GET".into()));
}

#[test]
fn attributes_in_unusual_places_are_used() {
    let data = |kind, attributes: &[(&'static str, &str)]| envelope(span(kind, attributes))["data"]["baseData"].take();
    let rpc = data(SpanKind::Client, &[("rpc.system", "grpc")]);
    assert_eq!((&rpc["type"], &rpc["target"]), (&"GRPC".into(), &"grpc".into()), "no server");
    let receive = data(SpanKind::Client, &[("messaging.system", "kafka")]);
    assert_eq!((&receive["type"], &receive["target"]), (&"kafka".into(), &"kafka".into()), "no destination");
    let internal = data(SpanKind::Internal, &[("peer.service", "billing"), ("db.query.text", "select 1")]);
    assert_eq!((&internal["type"], &internal["target"]), (&"InProc".into(), &"billing".into()));
    assert_eq!(internal["properties"]["db.query.text"], "select 1");
    let mut numbers = SpanRecord::new(TraceContext::root(), SpanKind::Client, "work");
    for (key, number) in [("a", 1e21), ("b", -0.0), ("c", 1.0), ("d", 0.1)] {
        numbers.attributes.push(Attribute::new(key, number));
    }
    let properties = envelope(numbers.into())["data"]["baseData"]["properties"].take();
    assert_eq!(properties, serde_json::json!({ "a": "1e+21", "b": "0", "c": "1", "d": "0.1" }));
}

#[test]
fn resource_of_an_sdk_that_names_no_role_has_that_of_the_exporter() {
    let own = "service.name=shop,service.instance.id=i-1,team=pay";
    let of = |resource: &str| {
        let mut item = SpanRecord::new(TraceContext::root(), SpanKind::Client, "work");
        item.resource = Some(Arc::new(Resource::parse(resource).unwrap()));
        let envelope = envelope_by(&mut exporter(own), item.into());
        let tag = |tag: &str| envelope["tags"][tag].as_str().unwrap().to_owned();
        let team = envelope["data"]["baseData"]["properties"]["team"].as_str().unwrap_or_default().to_owned();
        (tag("ai.cloud.role"), tag("ai.cloud.roleInstance"), team)
    };
    let texts = |role: &str, instance: &str, team: &str| (role.to_owned(), instance.to_owned(), team.to_owned());
    assert_eq!(of("service.name=unknown_service:shop"), texts("shop", "i-1", "pay"));
    assert_eq!(of(""), texts("shop", "i-1", "pay"));
    assert_eq!(of("service.name=web,service.instance.id=w-1,team=ui"), texts("web", "w-1", "ui"));
}

#[test]
fn attributes_of_the_resource_are_properties_of_items_of_every_kind() {
    let own = "service.name=shop,deployment.environment.name=prod,team=pay,host.name=h";
    for item in every_kind(&[("team", "checkout")]) {
        let properties = envelope_by(&mut exporter(own), item.clone())["data"]["baseData"]["properties"].take();
        let expected = serde_json::json!({ "deployment.environment.name": "prod", "team": "checkout" });
        assert_eq!(properties, expected, "the item's own attribute is more specific");
        let mut without = exporter(own).with_resource_properties(false);
        let properties = envelope_by(&mut without, item)["data"]["baseData"]["properties"].take();
        assert_eq!(properties, serde_json::json!({ "team": "checkout" }));
    }
}
