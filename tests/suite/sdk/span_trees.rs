//! Transactions with spans of the SDK, through the exporter to Azure into the portal.

use opencensus::opentelemetry::tracer_provider;
use opencensus::sampling::KeepFailures;
use opencensus::{Settings, Telemetry};
use opencensus_portal::{Filter, ItemKind, Portal, Transaction};
use opentelemetry::Context;
use opentelemetry::trace::{FutureExt as _, SpanKind, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::trace::SdkTracer;

use super::handled::{OPERATION, handle, handle_with};
use crate::support::{SettingsExt as _, quick};
use test_support::TIMEOUT;

/// A call below a span, an error of the call, and a span in a task.
async fn work(tracer: &SdkTracer) {
    let in_task = tracer.clone();
    tracer.in_span("reserve", |_| {
        let call = tracer.span_builder("GET stock").with_kind(SpanKind::Client).start(tracer);
        let _attached = Context::current_with_span(call).attach();
        opentelemetry::trace::get_active_span(|span| span.record_error(&std::io::Error::other("no answer")));
    });
    let task = async move { in_task.in_span("audit", |_| {}) };
    tokio::spawn(task.with_current_context()).await.unwrap();
}

/// The transactions of the portal, each of which is one tree.
async fn transactions(portal: &Portal) -> Vec<Transaction> {
    let transactions = Transaction::group(portal.items(Filter::default(), 10_000).await.unwrap());
    for transaction in &transactions {
        assert!(transaction.is_whole() && transaction.roots().count() == 1, "{transaction}");
        for item in &transaction.items {
            let envelope = item.envelope();
            let tags = &envelope["tags"];
            assert_eq!(tags["ai.operation.name"], OPERATION, "{envelope:#}");
            let (role, instance) = (&tags["ai.cloud.role"], &tags["ai.cloud.roleInstance"]);
            assert_eq!(*instance, format!("{}-1", role.as_str().unwrap()), "{envelope:#}");
        }
    }
    transactions
}

fn start(portal: &Portal, role: &str, settings: Settings) -> Telemetry {
    let settings = settings.with_store(false).with(|settings| settings.limits = quick());
    let settings = settings.with_connection_string(portal.connection_string().parse().unwrap());
    let resource = format!("service.name={role},service.instance.id={role}-1");
    settings.with(|settings| settings.resource = opencensus_core::Resource::parse(&resource).unwrap()).start().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_transaction_is_one_tree_without_orphans() {
    let portal = Portal::start().unwrap();
    let telemetry = start(&portal, "shop", Settings::default());
    let tracer = tracer_provider(&telemetry).tracer("shop");
    // At the same time: the requests alternate on their threads.
    let requests = (0..20).map(|number| {
        let (telemetry, tracer) = (telemetry.clone(), tracer.clone());
        tokio::spawn(async move {
            handle(&telemetry, if number % 2 == 0 { 200 } else { 500 }, || work(&tracer)).await;
        })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap();
    }
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
    let transactions = transactions(&portal).await;
    assert_eq!(transactions.len(), 20);
    for transaction in &transactions {
        assert_eq!(transaction.items.len(), 5, "a request, three spans and an exception: {transaction}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_are_whole_or_absent_and_their_weights_are_right() {
    const REQUESTS: usize = 400;
    let portal = Portal::start().unwrap();
    let settings = Settings::default().with(|settings| settings.trace.keep_failures = KeepFailures::ServerErrors);
    let share = opencensus::sampling::SamplerSetting::Share(super::handled::rate(0.25));
    let telemetry = start(&portal, "shop", settings.with_sampler(share));
    let tracer = tracer_provider(&telemetry).tracer("shop");
    for number in 0..REQUESTS {
        handle(&telemetry, if number % 10 == 0 { 500 } else { 200 }, || work(&tracer)).await;
    }
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
    for transaction in transactions(&portal).await {
        assert_eq!(transaction.items.len(), 5, "{transaction}");
    }
    assert_eq!(portal.count(Filter::requests().status(500)).await.unwrap(), (40, 40.0));
    // One request stands for 4: four standard errors are 4 · √(360 · 4 · 0.75 / 4).
    let (_, requests) = portal.count(Filter::requests()).await.unwrap();
    assert!((requests - REQUESTS as f64).abs() < 132.0, "{requests}");
    let count = |kind| portal.count(Filter::default().of_kind(kind));
    assert_eq!(count(ItemKind::Dependency).await.unwrap().1, 3.0 * requests);
    assert_eq!(count(ItemKind::Exception).await.unwrap().1, requests);
}

#[tokio::test]
async fn call_in_a_client_span_joins_the_transactions_of_two_services() {
    let portal = Portal::start().unwrap();
    let (shop, stock) = (start(&portal, "shop", Settings::default()), start(&portal, "stock", Settings::default()));
    let (of_shop, of_stock) = (&tracer_provider(&shop).tracer("shop"), &tracer_provider(&stock).tracer("stock"));
    let called = &stock;
    handle(&shop, 200, || async move {
        let call = of_shop.span_builder("GET stock").with_kind(SpanKind::Client).start(of_shop);
        let in_call = async move {
            let mut headers = http::HeaderMap::new();
            opencensus::inject("stock.example", &mut headers);
            handle_with(called, 200, headers, || async move { of_stock.in_span("look up", |_| {}) }).await;
        };
        in_call.with_context(Context::current_with_span(call)).await;
    })
    .await;
    for telemetry in [shop, stock] {
        assert!(telemetry.shutdown(TIMEOUT).await.complete);
    }
    let transaction = transactions(&portal).await.remove(0);
    let text = transaction.to_string();
    assert_eq!(transaction.items.len(), 4, "{text}");
    let item = |name: &str, role: &str| {
        let mut items = transaction.items.iter().map(opencensus_portal::Item::envelope);
        let found =
            items.find(|item| item["data"]["baseData"]["name"] == name && item["tags"]["ai.cloud.role"] == role);
        found.unwrap_or_else(|| panic!("{name} of {role}: {text}"))
    };
    let chain =
        [item(OPERATION, "shop"), item("GET stock", "shop"), item(OPERATION, "stock"), item("look up", "stock")];
    for pair in chain.windows(2) {
        assert_eq!(pair[1]["tags"]["ai.operation.parentId"], pair[0]["data"]["baseData"]["id"], "{text}");
    }
}
