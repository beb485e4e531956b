//! The exporter and the portal each have rules of what the service refuses, and share no code. Both get the same items:
//! what the exporter encodes, the portal accepts, and what the exporter avoids, the portal refuses.

use std::time::{Duration, SystemTime};

use opencensus_azure::{AzureExporter, ConnectionString};
use opencensus_core::{
    Attribute, AvailabilityRecord, Batch, EventRecord, ExceptionRecord, Exporter as _, MessageRecord, MetricRecord,
    Origin, PageViewRecord, Resource, SamplingRate, SpanKind, SpanRecord, TelemetryItem, TraceContext, Value,
};
use opencensus_portal::{Filter, Portal};
use serde_json::json;
use test_support::client::raw;

type Json = serde_json::Value;

/// The envelope of an item, as the exporter writes it.
fn encoded(item: TelemetryItem) -> Json {
    let connection: ConnectionString = "UseDevelopmentTelemetry=true".parse().unwrap();
    let resource = Resource::parse("service.name=shop").unwrap();
    let mut exporter = AzureExporter::new(&connection, &resource).unwrap();
    let mut batch = Batch::default();
    exporter.encode(item, &mut batch).unwrap();
    let mut envelope: Json = serde_json::from_slice(&batch.bytes()[1..]).unwrap();
    // The key is added when the batch is sent.
    envelope["iKey"] = connection.instrumentation_key().expose().into();
    envelope
}

/// The reasons for which the portal refuses each envelope; empty if it accepts it.
async fn refusals(portal: &Portal, envelopes: &[Json]) -> Vec<String> {
    let body = serde_json::to_string(envelopes).unwrap();
    let head = format!(
        "POST /v2.1/track HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n",
        portal.address()
    );
    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    let response = raw(portal.address(), &request).await;
    let response: Json = serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap();
    let mut refusals = vec![String::new(); envelopes.len()];
    for error in response["errors"].as_array().unwrap() {
        refusals[error["index"].as_u64().unwrap() as usize] = error["message"].as_str().unwrap().to_owned();
    }
    refusals
}

/// Items of every kind in which every text is `text`, at this time.
fn every_kind(text: &str, time: SystemTime) -> Vec<TelemetryItem> {
    let text = || text.to_owned();
    let here = || {
        let mut origin = Origin::at(time);
        origin.context = Some(TraceContext::root());
        origin.operation = Some(text().into());
        origin.rate = SamplingRate::try_from(1e-12).ok();
        origin
    };
    let keys = ["user.id", "session.id", "enduser.pseudo.id", "client.address", "user_agent.original", "http.route"];
    let attributes: Vec<_> = keys.iter().map(|key| Attribute::new(*key, text())).collect();
    let attributes = || [attributes.clone(), vec![Attribute::new(text(), text())]].concat();
    let mut items = Vec::new();
    for kind in [SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer, SpanKind::Internal] {
        let mut span = SpanRecord::new(TraceContext::root(), kind, text());
        (span.start, span.duration, span.attributes) = (time, Duration::MAX, attributes());
        let keys = ["http.request.method", "url.full", "http.response.status_code", "server.address", "peer.service"];
        span.attributes.extend(keys.iter().map(|key| Attribute::new(*key, text())));
        items.push(span.into());
    }
    let mut error = ExceptionRecord::new(here());
    (error.type_name, error.message, error.stack) = (Some(text().into()), Some(text().into()), Some(text().into()));
    error.attributes = attributes();
    let mut message = MessageRecord::new(here(), text());
    message.attributes = attributes();
    let mut event = EventRecord::new(here(), text());
    event.measurements = vec![(text().into(), f64::NAN), (text().into(), 1e300)];
    let mut page = PageViewRecord::new(here(), text());
    (page.url, page.duration, page.attributes) = (Some(text().into()), Some(Duration::MAX), attributes());
    let mut metric = MetricRecord::new(here(), text(), -0.0);
    (metric.min, metric.max, metric.attributes) = (Some(f64::NEG_INFINITY), Some(1e300), attributes());
    let mut test = AvailabilityRecord::new(here(), text(), Duration::MAX, false);
    (test.run_location, test.message, test.attributes) = (Some(text().into()), Some(text().into()), attributes());
    items.extend([error.into(), message.into(), event.into(), page.into(), metric.into(), test.into()]);
    items
}

#[tokio::test]
async fn portal_accepts_every_item_that_the_exporter_encodes() {
    let portal = Portal::start().unwrap();
    let now = SystemTime::now();
    let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
    let mut sent = 0;
    let long = ["é😀".repeat(20_000), "\u{1}\"".repeat(20_000)];
    let times = [now, now - days(3), now + days(1), SystemTime::UNIX_EPOCH];
    for (text, times) in [("", &times[..]), (" \n", &times), ("red", &times), (&long[0], &[now]), (&long[1], &[now])] {
        for time in times {
            let envelopes: Vec<_> = every_kind(text, *time).into_iter().map(encoded).collect();
            for (envelope, refusal) in envelopes.iter().zip(refusals(&portal, &envelopes).await) {
                assert_eq!(refusal, "", "{:.2000}", envelope.to_string());
            }
            sent += envelopes.len() as u64;
        }
    }
    assert_eq!(portal.count(Filter::default()).await.unwrap().0, sent);
}

#[tokio::test]
async fn portal_refuses_what_the_exporter_avoids() {
    let portal = Portal::start().unwrap();
    let mut wrong = Vec::new();
    for item in every_kind("red chair", SystemTime::now()).into_iter().map(encoded) {
        let mut add = |pointer: &str, value: Json| {
            let mut item = item.clone();
            if let Some(field) = item.pointer_mut(pointer).filter(|field| **field != value) {
                *field = value;
                wrong.push((pointer.to_owned(), item));
            }
        };
        add("/time", "2020-01-01T00:00:00.000000Z".into());
        add("/time", "2199-01-01T00:00:00.000000Z".into());
        add("/iKey", "".into());
        let is_request = item["data"]["baseType"] == "RequestData";
        for (field, limit, is_required) in [
            ("/data/baseData/name", 1024, !is_request),
            ("/data/baseData/message", 32_768, item["data"]["baseType"] == "MessageData"),
            ("/data/baseData/responseCode", 1024, true),
            ("/data/baseData/exceptions/0/message", 32_768, true),
            ("/data/baseData/metrics/0/name", 1024, true),
            ("/data/baseData/url", 2048, false),
            ("/data/baseData/data", 8192, false),
            ("/tags/ai.session.id", 64, false),
            ("/tags/ai.user.id", 128, false),
            ("/tags/ai.operation.name", 1024, false),
        ] {
            add(field, "x".repeat(limit + 1).into());
            if is_required {
                add(field, "".into());
            }
        }
        let mut large = item.clone();
        large["data"]["baseData"]["properties"] = (0..10).map(|n| (n.to_string(), json!("x".repeat(8000)))).collect();
        wrong.push(("size".to_owned(), large));
    }
    assert!(wrong.len() > 70, "{}", wrong.len());
    for part in wrong.chunks(20) {
        let envelopes: Vec<_> = part.iter().map(|(_, envelope)| envelope.clone()).collect();
        for ((pointer, envelope), refusal) in part.iter().zip(refusals(&portal, &envelopes).await) {
            assert_ne!(refusal, "", "{pointer} of {}", envelope["data"]["baseType"]);
        }
    }
    assert_eq!(portal.count(Filter::default()).await.unwrap().0, 0);
}

#[tokio::test]
async fn lists_of_any_depth_arrive() {
    let portal = Portal::start().unwrap();
    let mut message = MessageRecord::new(Origin::at(SystemTime::now()), "deep");
    let deep = (0..20_000).fold(Value::from(7), |value, _| Value::List(vec![value]));
    message.attributes.push(Attribute::new("shop.list", deep));
    assert_eq!(refusals(&portal, &[encoded(message.into())]).await, [""]);
}
