//! Events become messages and exceptions.

use std::fmt;

use opencensus::sampling::{KeepFailures, SamplerSetting};
use opencensus::tracing::Options;
use opencensus::{Settings, Telemetry, Value};
use opencensus_core::{SamplingRate, Severity};
use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

use super::{Service, attribute};
use crate::support::SettingsExt as _;

#[derive(Debug)]
struct OutOfStock(std::num::ParseIntError);

impl fmt::Display for OutOfStock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no chairs left")
    }
}

impl std::error::Error for OutOfStock {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn error() -> OutOfStock {
    OutOfStock("x".parse::<i32>().unwrap_err())
}

fn dynamic(error: &OutOfStock) -> &(dyn std::error::Error + 'static) {
    error
}

#[tokio::test]
async fn each_level_is_a_severity_and_fields_keep_their_types() {
    let service = Service::new(Settings::default(), Options::default().with_level(Level::TRACE));
    service
        .handle(200, async {
            tracing::error!("error");
            tracing::warn!("warn");
            tracing::info!(count = 3, ratio = 0.5, open = true, shop = "north", who = ?Some(7), "info");
            tracing::debug!("debug");
            tracing::trace!(big = u64::MAX, "trace");
        })
        .await;
    let request = service.request();
    let messages = service.exporter.messages();
    let severities: Vec<_> = messages.iter().map(|message| (&*message.message, message.severity.unwrap())).collect();
    assert_eq!(
        severities,
        [
            ("error", Severity::Error),
            ("warn", Severity::Warning),
            ("info", Severity::Information),
            ("debug", Severity::Verbose),
            ("trace", Severity::Verbose),
        ]
    );
    for message in &messages {
        assert_eq!(message.origin.context, Some(request.context()));
        assert_eq!(message.origin.operation.as_deref(), Some(&*request.name()));
        assert_eq!(attribute(&message.attributes, "logger"), Some(&Value::from(module_path!())));
        assert_eq!(attribute(&message.attributes, "code.file.path"), Some(&Value::from(file!())));
        assert!(attribute(&message.attributes, "code.line.number").is_some());
    }
    let info = &messages[2].attributes;
    assert_eq!(attribute(info, "count"), Some(&Value::I64(3)));
    assert_eq!(attribute(info, "ratio"), Some(&Value::F64(0.5)));
    assert_eq!(attribute(info, "open"), Some(&Value::Bool(true)));
    assert_eq!(attribute(info, "shop"), Some(&Value::from("north")));
    assert_eq!(attribute(info, "who"), Some(&Value::from("Some(7)")));
    assert_eq!(attribute(&messages[4].attributes, "big"), Some(&Value::from(u64::MAX.to_string())));
}

#[tokio::test]
async fn error_at_the_level_error_is_an_exception_with_its_causes() {
    let service = Service::new(Settings::default(), Options::default());
    service
        .handle(200, async {
            tracing::error!(failure = dynamic(&error()), shop = 7, "cannot sell");
            tracing::error!(error = %error(), "no chairs left");
            tracing::error!(err = "by name");
            tracing::warn!(error = dynamic(&error()), "not that bad");
        })
        .await;
    service.flush();
    let exceptions = service.exporter.exceptions();
    assert_eq!(exceptions.len(), 3, "{exceptions:#?}");
    let first = &exceptions[0];
    assert_eq!(first.message.as_deref(), Some("no chairs left"));
    assert_eq!(first.severity, Some(Severity::Error));
    assert_eq!(first.type_name.as_deref(), Some("OutOfStock"));
    let causes: Vec<_> = first.causes.iter().map(|cause| (cause.type_name.as_deref(), &*cause.message)).collect();
    assert_eq!(causes, [(Some("std::num::ParseIntError"), "invalid digit found in string")]);
    assert_eq!(attribute(&first.attributes, "log.message"), Some(&Value::from("cannot sell")));
    assert_eq!(attribute(&first.attributes, "shop"), Some(&Value::I64(7)));
    assert_eq!(first.origin.context, Some(service.request().context()));
    assert_eq!(attribute(&exceptions[1].attributes, "log.message"), None, "the same text");
    assert_eq!(exceptions[2].message.as_deref(), Some("by name"));
    assert_eq!(service.messages(), ["not that bad"]);
    assert_eq!(attribute(&service.exporter.messages()[0].attributes, "error"), Some(&Value::from("no chairs left")));
}

#[tokio::test]
async fn events_outside_of_requests_are_messages_that_represent_themselves_alone() {
    let service = Service::new(Settings::default().with_sampler(SamplerSetting::AlwaysOff), Options::default());
    tracing::info!("outside");
    tracing::info_span!("a job").in_scope(|| tracing::info!("in a job"));
    assert_eq!(service.messages(), ["in a job", "outside"]);
    let origins: Vec<_> = service.exporter.messages().iter().map(|message| message.origin.clone()).collect();
    assert!(origins.iter().all(|origin| origin.rate == Some(SamplingRate::ALL) && origin.context.is_none()));
    assert!(service.exporter.spans().is_empty());
}

#[tokio::test]
async fn events_outside_of_requests_can_be_left_out() {
    let service = Service::new(Settings::default(), Options::default().with_events_outside_of_requests(false));
    tracing::info!("outside");
    service.handle(200, async { tracing::info!("inside") }).await;
    assert_eq!(service.messages(), ["inside"]);
}

#[tokio::test]
async fn events_of_requests_that_are_not_kept_are_dropped_and_counted() {
    let service = Service::new(Settings::default().with_sampler(SamplerSetting::AlwaysOff), Options::default());
    service
        .handle(500, async {
            tracing::info!("unkept");
            let span = tracing::info_span!("unkept too");
            // A thread that does not know the request.
            let thread = move || span.in_scope(|| tracing::error!("on another thread"));
            let dispatch = tracing::dispatcher::get_default(Clone::clone);
            std::thread::spawn(move || tracing::dispatcher::with_default(&dispatch, thread)).join().unwrap();
        })
        .await;
    assert_eq!(service.messages(), [""; 0]);
    assert!(service.exporter.items().is_empty());
    assert_eq!(service.telemetry.stats().items_sampled_out, 2);
}

#[tokio::test]
async fn events_and_spans_of_kept_failures_are_sent_and_those_of_successes_are_not() {
    let settings = Settings::default()
        .with_sampler(SamplerSetting::AlwaysOff)
        .with(|settings| settings.trace.keep_failures = KeepFailures::ServerErrors);
    let service = Service::new(settings, Options::default());
    for status in [200, 500] {
        service
            .handle(status, async move { tracing::info_span!("sell").in_scope(|| tracing::info!(status, "sold")) })
            .await;
    }
    let request = service.request();
    let span = service.span("sell");
    let messages = service.exporter.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!((messages[0].origin.rate, span.rate), (Some(SamplingRate::ALL), Some(SamplingRate::ALL)));
    assert_eq!((messages[0].origin.context, span.parent), (Some(span.context), Some(request.context().span_id())));
}

#[tokio::test]
async fn the_middlewares_own_events_are_not_taken() {
    let options = || Options::default().with_level(Level::TRACE).with_target("opencensus", Level::TRACE);
    let service = Service::new(Settings::default().with(|settings| settings.trace.server_log = Some(true)), options());
    service.handle(500, async {}).await;
    service.flush();
    let items = service.exporter.items();
    let own = |item: &&opencensus_core::TelemetryItem| matches!(item, opencensus_core::TelemetryItem::Message(_));
    assert_eq!(items.iter().filter(own).count(), 0, "{items:#?}");
}

#[tokio::test]
async fn levels_and_targets_select_events_and_spans() {
    let options = Options::default()
        .with_level(Level::WARN)
        .with_target("shop", Level::DEBUG)
        .with_target("shop::noise", LevelFilter::OFF);
    let service = Service::new(Settings::default(), options);
    service
        .handle(200, async {
            tracing::info!("too verbose");
            tracing::warn!("a warning");
            tracing::debug!(target: "shop::cart", "a detail");
            tracing::error!(target: "shop::noise", "noise");
            tracing::info_span!("too verbose span").in_scope(|| {});
            tracing::debug_span!(target: "shop", "detail span").in_scope(|| {});
        })
        .await;
    assert_eq!(service.messages(), ["a detail", "a warning"]);
    let spans = service.exporter.spans();
    assert_eq!(spans.iter().map(|span| &*span.name).collect::<Vec<_>>(), ["detail span"]);
}

#[tokio::test]
async fn events_and_spans_are_switched_separately() {
    let run = async |options| {
        let service = Service::new(Settings::default(), options);
        service.handle(200, async { tracing::info_span!("a span").in_scope(|| tracing::error!("a line")) }).await;
        (service.messages().len(), service.exporter.spans().len())
    };
    assert_eq!(run(Options::default()).await, (1, 1));
    assert_eq!(run(Options::default().with_spans(false)).await, (1, 0));
    assert_eq!(run(Options::default().with_events(false)).await, (0, 1));
}

#[tokio::test]
async fn disabled_telemetry_takes_nothing() {
    let telemetry = Telemetry::disabled();
    let subscriber = tracing_subscriber::registry().with(opencensus::tracing::layer(&telemetry));
    let _default = tracing::subscriber::set_default(subscriber);
    super::handle(&telemetry, 200, async { tracing::info_span!("a span").in_scope(|| tracing::error!("a line")) })
        .await;
    assert_eq!(telemetry.stats().accepted, 0);
}
