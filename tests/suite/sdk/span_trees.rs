//! Transactions with spans of the SDK, through the exporter to Azure into the portal.

use std::collections::{HashMap, HashSet};

use opencensus::opentelemetry::tracer_provider;
use opencensus::sampling::KeepFailures;
use opencensus::{Settings, Telemetry};
use opencensus_portal::{Filter, ItemKind, Portal};
use opentelemetry::trace::{FutureExt as _, SpanKind, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::trace::SdkTracer;
use serde_json::Value;

use super::handled::{OPERATION, handle};
use crate::support::{SettingsExt as _, quick};
use test_support::TIMEOUT;

/// A call below a span, an error of the call, and a span in a task.
async fn work(tracer: &SdkTracer) {
    let in_task = tracer.clone();
    tracer.in_span("reserve", |_| {
        let call = tracer.span_builder("GET stock").with_kind(SpanKind::Client).start(tracer);
        let context = opentelemetry::trace::TraceContextExt::with_span(&opentelemetry::Context::current(), call);
        let _attached = context.attach();
        opentelemetry::trace::get_active_span(|span| span.record_error(&std::io::Error::other("no answer")));
    });
    let task = async move { in_task.in_span("audit", |_| {}) };
    tokio::spawn(task.with_current_context()).await.unwrap();
}

/// The envelopes of the portal, by operation.
async fn operations(portal: &Portal) -> HashMap<String, Vec<Value>> {
    let mut operations = HashMap::<String, Vec<Value>>::new();
    for item in portal.items(Filter::default(), 10_000).await.unwrap() {
        let envelope = item.envelope();
        operations.entry(envelope["tags"]["ai.operation.id"].as_str().unwrap().to_owned()).or_default().push(envelope);
    }
    operations
}

/// Checks that the items of an operation are one tree without an orphan, and have one name, role and instance.
fn check_tree(items: &[Value]) {
    let ids: Vec<_> = items.iter().filter_map(|item| item["data"]["baseData"]["id"].as_str()).collect();
    let unique: HashSet<_> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an item is received twice: {items:#?}");
    let (roots, others): (Vec<_>, Vec<_>) =
        items.iter().partition(|item| item["tags"]["ai.operation.parentId"].is_null());
    assert!(roots.len() == 1 && roots[0]["data"]["baseType"] == "RequestData", "{roots:#?}");
    for item in others {
        let parent = item["tags"]["ai.operation.parentId"].as_str().unwrap();
        assert!(unique.contains(parent), "an orphan: {item:#}");
    }
    for item in items {
        let tags = &item["tags"];
        assert_eq!(tags["ai.operation.name"], OPERATION, "{item:#}");
        assert_eq!((&tags["ai.cloud.role"], &tags["ai.cloud.roleInstance"]), (&"shop".into(), &"shop-1".into()));
    }
}

fn start(portal: &Portal, settings: Settings) -> Telemetry {
    let settings = settings.with_store(false).with(|settings| settings.limits = quick());
    let settings = settings.with_connection_string(portal.connection_string().parse().unwrap());
    let resource = "service.name=shop,service.instance.id=shop-1".parse::<String>().unwrap();
    settings.with(|settings| settings.resource = opencensus_core::Resource::parse(&resource).unwrap()).start().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_transaction_is_one_tree_without_orphans() {
    let portal = Portal::start().unwrap();
    let telemetry = start(&portal, Settings::default());
    let tracer = tracer_provider(&telemetry).tracer("shop");
    for number in 0..20 {
        handle(&telemetry, if number % 2 == 0 { 200 } else { 500 }, || work(&tracer)).await;
    }
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
    let operations = operations(&portal).await;
    assert_eq!(operations.len(), 20);
    for items in operations.values() {
        assert_eq!(items.len(), 5, "a request, three spans and an exception: {items:#?}");
        check_tree(items);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_are_whole_or_absent_and_their_weights_are_right() {
    const REQUESTS: usize = 400;
    let portal = Portal::start().unwrap();
    let settings = Settings::default().with(|settings| settings.trace.keep_failures = KeepFailures::ServerErrors);
    let share = opencensus::sampling::SamplerSetting::Share(super::handled::rate(0.25));
    let telemetry = start(&portal, settings.with_sampler(share));
    let tracer = tracer_provider(&telemetry).tracer("shop");
    for number in 0..REQUESTS {
        handle(&telemetry, if number % 10 == 0 { 500 } else { 200 }, || work(&tracer)).await;
    }
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
    let operations = operations(&portal).await;
    for items in operations.values() {
        assert_eq!(items.len(), 5, "{items:#?}");
        check_tree(items);
    }
    assert_eq!(portal.count(Filter::requests().with_code(500)).await.unwrap(), (40, 40.0));
    // One request stands for 4: four standard errors are 4 · √(360 · 4 · 0.75 / 4).
    let (_, requests) = portal.count(Filter::requests()).await.unwrap();
    assert!((requests - REQUESTS as f64).abs() < 132.0, "{requests}");
    let count = |kind| portal.count(Filter::default().of_kind(kind));
    assert_eq!(count(ItemKind::Dependency).await.unwrap().1, 3.0 * requests);
    assert_eq!(count(ItemKind::Exception).await.unwrap().1, requests);
}
