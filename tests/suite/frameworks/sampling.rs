//! The sampling settings decide which requests become rows, and with which rate.

use opencensus::opentelemetry::OpenTelemetrySampler;
use opencensus::sampling::{KeepFailures, ParentTrust, RateRule, SamplerSetting, SamplingRate, TracesPerSecond};
use opencensus::{InMemoryExporter, Settings, Telemetry, Value};
use opencensus_portal::{Filter, ItemKind, Portal};
use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

use crate::support::server::{Framework, Server};
use crate::support::{SettingsExt as _, ended, in_memory};
use test_support::TIMEOUT;
use test_support::client::{get, request};

const SAMPLED: &str = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";

fn rate(rate: f64) -> SamplingRate {
    SamplingRate::try_from(rate).unwrap()
}

/// Sends one GET for each path, and returns name and status of the requests that were kept.
async fn kept(framework: Framework, settings: Settings, paths: &[&str]) -> (Vec<(String, u16)>, Telemetry) {
    let (telemetry, exporter) = in_memory(settings);
    let server = Server::start(framework, telemetry.clone()).await;
    for path in paths {
        get(server.address, path).await;
    }
    server.stop().await;
    (rows(&telemetry, &exporter).await, telemetry)
}

async fn rows(telemetry: &Telemetry, exporter: &InMemoryExporter) -> Vec<(String, u16)> {
    assert!(telemetry.flush(TIMEOUT).await.complete);
    let row = |record: &opencensus::RequestRecord| (record.name().into_owned(), record.status().unwrap());
    exporter.requests().iter().map(row).collect()
}

#[tokio::test]
async fn kept_failures_have_weight_one_at_any_rate() {
    for framework in Framework::ALL {
        let portal = Portal::start().unwrap();
        let settings = Settings::default()
            .with_store(false)
            .with_connection_string(portal.connection_string().parse().unwrap())
            .with_sampler(SamplerSetting::AlwaysOff)
            .with_keep_failures(KeepFailures::All);
        let telemetry = settings.start().unwrap();
        let server = Server::start(framework, telemetry.clone()).await;
        for path in ["/users/7", "/fail", "/unavailable", "/forbidden", "/boom", "/users/8"] {
            get(server.address, path).await;
        }
        server.stop().await;
        let report = telemetry.shutdown(TIMEOUT).await;
        assert_eq!(portal.count(Filter::requests()).await.unwrap(), (4, 4.0), "{framework:?}");
        let (exceptions, weight) = portal.count(Filter::default().of_kind(ItemKind::Exception)).await.unwrap();
        assert!(exceptions >= 1 && weight == exceptions as f64, "{framework:?}: at least that of the panic");
        assert_eq!((report.stats.accepted, report.stats.sampled_out), (4 + exceptions, 2), "{framework:?}");
    }
}

#[tokio::test]
async fn server_errors_or_slow_requests_can_be_kept() {
    for framework in Framework::ALL {
        let settings = Settings::default().with_sampler(SamplerSetting::AlwaysOff);
        let server_errors = settings.clone().with_keep_failures(KeepFailures::ServerErrors);
        let (rows, _) = kept(framework, server_errors, &["/forbidden", "/unavailable"]).await;
        assert_eq!(rows.iter().map(|(_, status)| *status).collect::<Vec<_>>(), [503], "{framework:?}");
        let slow = settings.with_keep_slower_than(std::time::Duration::from_millis(100));
        let (rows, telemetry) = kept(framework, slow, &["/slow", "/users/7"]).await;
        assert_eq!((rows.len(), telemetry.stats().sampled_out), (1, 1), "{framework:?}: {rows:?}");
    }
}

#[tokio::test]
async fn blacklisted_failures_stay_hidden() {
    for framework in Framework::ALL {
        let settings = Settings::default().with_keep_failures(KeepFailures::All).with_blacklist_paths(["/fail"]);
        let (rows, _) = kept(framework, settings, &["/fail"]).await;
        assert!(rows.is_empty(), "{framework:?}: {rows:?}");
    }
}

#[tokio::test]
async fn first_matching_rate_applies() {
    for framework in Framework::ALL {
        let rules = [RateRule::path("=/users/7", SamplingRate::ALL), RateRule::path("/users", SamplingRate::NONE)];
        let (rows, telemetry) =
            kept(framework, Settings::default().with_rates(rules), &["/users/7", "/users/8", "/health"]).await;
        assert_eq!((rows.len(), telemetry.stats().sampled_out), (2, 1), "{framework:?}: {rows:?}");
    }
}

/// hyper has no routes.
#[tokio::test]
async fn rates_apply_by_route_where_the_route_is_known() {
    let rules = [RateRule::route("GET /users/{id}", SamplingRate::NONE)];
    let settings = Settings::default().with_rates(rules);
    let (rows, _) = kept(Framework::Axum, settings, &["/users/7", "/health"]).await;
    assert_eq!(rows, [("GET /health".to_owned(), 200)]);
}

#[tokio::test]
async fn limit_of_traces_per_second_holds() {
    for (limit, count) in [(0.0, 0), (1e12, 3)] {
        let sampler = SamplerSetting::RateLimited(TracesPerSecond::try_from(limit).unwrap());
        let (rows, telemetry) = kept(Framework::Axum, Settings::default().with_sampler(sampler), &["/"; 3]).await;
        assert_eq!((rows.len(), telemetry.stats().sampled_out), (count, 3 - count as u64), "{limit}");
    }
}

#[tokio::test]
async fn callers_cannot_defeat_the_rate_at_the_edge() {
    for framework in Framework::ALL {
        let settings = Settings::default().with_sampler(SamplerSetting::Share(SamplingRate::NONE));
        for (settings, count) in [
            (settings.clone(), 1),
            (settings.clone().with_sampler(SamplerSetting::AlwaysOff), 0),
            (
                settings
                    .clone()
                    .with_sampler(SamplerSetting::AlwaysOff)
                    .with(|s| s.trace.parent_trust = Some(ParentTrust::Trust)),
                1,
            ),
            (settings.clone().with_edge(true), 0),
            (settings.clone().with_edge(true).with(|s| s.trace.parent_trust = Some(ParentTrust::Trust)), 0),
        ] {
            let (telemetry, exporter) = in_memory(settings);
            let server = Server::start(framework, telemetry.clone()).await;
            request(server.address, "GET", "/users/7", SAMPLED).await;
            server.stop().await;
            assert_eq!(rows(&telemetry, &exporter).await.len(), count, "{framework:?}");
        }
    }
}

#[tokio::test]
async fn row_with_an_unknown_rate_is_marked() {
    let portal = Portal::start().unwrap();
    let settings = Settings::default()
        .with_store(false)
        .with_connection_string(portal.connection_string().parse().unwrap())
        .with_sampler(SamplerSetting::Share(SamplingRate::NONE));
    let telemetry = settings.start().unwrap();
    let server = Server::start(Framework::Axum, telemetry.clone()).await;
    request(server.address, "GET", "/users/7", SAMPLED).await;
    request(server.address, "GET", "/users/8", &format!("{SAMPLED}tracestate: ot=th:8\r\n")).await;
    server.stop().await;
    telemetry.shutdown(TIMEOUT).await;
    let items = portal.items(Filter::requests(), 10).await.unwrap();
    let unknown = |item: &&opencensus_portal::Item| item.envelope().to_string().contains(r#""sample_rate":"unknown""#);
    assert_eq!((items.len(), items.iter().filter(unknown).count()), (2, 1));
    assert_eq!(portal.count(Filter::requests()).await.unwrap(), (2, 3.0));
}

/// Follows its caller, or else decides by name; reports its rate as Microsoft's samplers do.
#[derive(Clone, Debug)]
struct ByName;

impl ShouldSample for ByName {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        _: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        assert_eq!(*kind, SpanKind::Server);
        let path = attributes.iter().find(|pair| pair.key.as_str() == "url.path").map(|pair| pair.value.to_string());
        let caller_keeps = parent.is_some_and(|parent| parent.span().span_context().is_sampled());
        let keeps = caller_keeps || name == "GET /users/{id}" && path.as_deref() == Some("/users/7");
        SamplingResult {
            decision: if keeps { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop },
            attributes: vec![KeyValue::new("microsoft.sample_rate", 25.0), KeyValue::new("why", "by name")],
            trace_state: TraceState::default(),
        }
    }
}

#[tokio::test]
async fn opentelemetry_sampler_decides_alone_and_propagates_its_rate() {
    let settings = Settings::default().with_sampler(SamplerSetting::custom(OpenTelemetrySampler::new(ByName)));
    let (telemetry, exporter) = in_memory(settings);
    let server = Server::start(Framework::Axum, telemetry.clone()).await;
    get(server.address, "/users/7").await;
    get(server.address, "/users/8").await;
    request(server.address, "GET", "/health", SAMPLED).await;
    let requests = ended(&telemetry, &exporter, 2).await;
    assert_eq!((requests[0].path(), requests[1].path()), ("/users/7".into(), "/health".into()));
    for record in &requests {
        assert_eq!(record.rate(), rate(0.25));
        let attributes: Vec<_> = record.attributes().iter().map(|pair| (&*pair.key, &pair.value)).collect();
        assert_eq!(attributes, [("why", &Value::from("by name"))]);
    }
    server.stop().await;
}

#[tokio::test]
async fn opentelemetry_sampler_without_a_rate_uses_the_configured_one_or_none() {
    let ratio = || Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(1.0)));
    let with_rate = OpenTelemetrySampler::new(ratio()).with_rate(rate(0.5));
    for (sampler, known) in [(with_rate, true), (OpenTelemetrySampler::new(ratio()), false)] {
        let (telemetry, exporter) = in_memory(Settings::default().with_sampler(SamplerSetting::custom(sampler)));
        let server = Server::start(Framework::Hyper, telemetry.clone()).await;
        get(server.address, "/users/7").await;
        // OpenTelemetry's parent-based samplers obey the caller.
        request(server.address, "GET", "/users/7", &SAMPLED.replace("-01", "-00")).await;
        let requests = ended(&telemetry, &exporter, 1).await;
        assert_eq!(requests[0].is_rate_known(), known);
        assert_eq!(requests[0].rate(), if known { rate(0.5) } else { SamplingRate::ALL });
        server.stop().await;
    }
}

/// OpenTelemetry's own samplers return the caller's `tracestate` as their own.
#[tokio::test]
async fn rate_of_an_untrusted_caller_is_not_taken_for_the_samplers_own() {
    let sampler = OpenTelemetrySampler::new(Sampler::AlwaysOn);
    let (telemetry, exporter) = in_memory(Settings::default().with_sampler(SamplerSetting::custom(sampler)));
    let server = Server::start(Framework::Hyper, telemetry.clone()).await;
    request(server.address, "GET", "/users/7", &format!("{SAMPLED}tracestate: ot=th:ffffffffffffff\r\n")).await;
    assert!(!ended(&telemetry, &exporter, 1).await[0].is_rate_known());
    server.stop().await;
}

#[test]
fn clones_of_a_custom_sampler_are_equal() {
    let one = SamplerSetting::custom(OpenTelemetrySampler::new(ByName));
    assert_eq!(one, one.clone());
    assert_ne!(one, SamplerSetting::custom(OpenTelemetrySampler::new(ByName)));
}
