//! What tests of applications read: items in memory, and items of the portal.

use std::time::{Duration, SystemTime};

use opencensus::core::{
    AvailabilityRecord, EventRecord, ExceptionRecord, MessageRecord, MetricRecord, Origin, PageViewRecord, Severity,
    SpanKind, SpanRecord, TraceContext,
};
use opencensus::{Attribute, Settings, Telemetry};
use opencensus_portal::{Filter, ItemKind, Portal};
use test_support::TIMEOUT;

/// Tracks one item of every kind but a request.
fn track_all(telemetry: &Telemetry) {
    let origin = || Origin::at(SystemTime::now());
    let mut exception = ExceptionRecord::new(origin());
    exception.type_name = Some("shop::OutOfStock".into());
    exception.message = Some("no more chairs".into());
    exception.severity = Some(Severity::Error);
    exception.attributes.push(Attribute::new("tenant", "red"));
    telemetry.track(exception);
    let mut message = MessageRecord::new(origin(), "sold out");
    message.severity = Some(Severity::Warning);
    message.attributes.push(Attribute::new("chair", 7_i64));
    telemetry.track(message);
    telemetry.track(EventRecord::new(origin(), "order placed"));
    telemetry.track(MetricRecord::new(origin(), "queue.length", 3.5));
    telemetry.track(PageViewRecord::new(origin(), "front page"));
    telemetry.track(AvailabilityRecord::new(origin(), "ping", Duration::from_millis(3), true));
    telemetry.track(SpanRecord::new(TraceContext::root(), SpanKind::Client, "stock"));
}

#[test]
fn memory_has_items_of_every_kind() {
    let (telemetry, items) = Telemetry::in_memory();
    track_all(&telemetry);
    assert!(telemetry.flush(TIMEOUT).wait().complete);
    assert_eq!(items.exceptions()[0].type_name.as_deref(), Some("shop::OutOfStock"));
    assert_eq!(&*items.messages()[0].message, "sold out");
    assert_eq!(&*items.events()[0].name, "order placed");
    assert_eq!((&*items.metrics()[0].name, items.metrics()[0].value), ("queue.length", 3.5));
    assert_eq!(&*items.page_views()[0].name, "front page");
    assert_eq!(&*items.availability()[0].name, "ping");
    assert_eq!(&*items.spans()[0].name, "stock");
    assert!(items.requests().is_empty() && items.items().len() == 7);
}

#[tokio::test]
async fn portal_finds_items_of_every_kind_by_name_and_shows_message_and_properties() {
    let portal = Portal::start().unwrap();
    let settings =
        Settings::default().with_store(false).with_connection_string(portal.connection_string().parse().unwrap());
    let telemetry = settings.start().unwrap();
    track_all(&telemetry);
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
    let find = |name: &'static str, kind: ItemKind| {
        let found = portal.wait_for_within(Filter::default().named(name).of_kind(kind), 1, TIMEOUT);
        async move { found.await.unwrap().remove(0) }
    };
    let exception = find("shop::OutOfStock", ItemKind::Exception).await;
    assert_eq!(exception.message.as_deref(), Some("no more chairs"));
    assert_eq!(exception.properties["tenant"], "red");
    assert_eq!(exception.severity.as_deref(), Some("Error"));
    let message = find("sold out", ItemKind::Trace).await;
    assert_eq!((message.message.as_deref(), message.severity.as_deref()), (Some("sold out"), Some("Warning")));
    assert_eq!(message.properties["chair"], "7");
    assert_eq!(find("queue.length", ItemKind::Metric).await.value, Some(3.5));
    for (name, kind) in [
        ("order placed", ItemKind::Event),
        ("front page", ItemKind::PageView),
        ("ping", ItemKind::Availability),
        ("stock", ItemKind::Dependency),
    ] {
        assert_eq!(find(name, kind).await.name, name);
    }
}
