//! Which calls are recorded, and what their headers tell the called service.

use http_body_util::BodyExt as _;
use opencensus::sampling::{KeepFailures, SamplerSetting, SamplingRate};
use opencensus::{Settings, SpanStatus};
use tower::ServiceExt as _;

use super::shop::{Hyper, Shop, Transaction, get_request};
use crate::support::SettingsExt as _;

/// The `traceparent` of a call.
async fn sent(client: Hyper, url: String) -> String {
    let response = client.oneshot(get_request(&url)).await.unwrap();
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

fn rate(rate: f64) -> Settings {
    Settings::default().with_sampler(SamplerSetting::Probability(SamplingRate::try_from(rate).unwrap()))
}

/// Handles a request with this status that makes a call, and returns the call's `traceparent` too.
async fn handled(settings: Settings, status: u16) -> (String, Transaction, Shop) {
    let shop = Shop::new(settings).await;
    let (client, url) = (shop.client(), shop.url("/headers"));
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let handled = shop.handle(status, async move { sender.send(sent(client, url).await).unwrap() }).await;
    (receiver.await.unwrap(), handled, shop)
}

#[tokio::test]
async fn call_below_a_request_that_is_not_kept_is_not_recorded_and_continues_the_trace_as_not_sampled() {
    for settings in [rate(0.0), Settings::default().with_blacklist_paths(["/order"])] {
        let (traceparent, handled, shop) = handled(settings, 500).await;
        assert!(traceparent.starts_with("00-") && traceparent.ends_with("-02"), "{traceparent}");
        assert!(handled.calls.is_empty() && handled.requests.is_empty());
        assert_eq!(handled.called.len(), 1, "the called service decides for itself");
        assert_eq!(shop.telemetry.stats().items_sampled_out, 1);
    }
}

#[tokio::test]
async fn call_below_a_failure_that_is_kept_at_its_end_is_kept_with_it() {
    let settings = || rate(0.0).with(|settings| settings.trace.keep_failures = KeepFailures::All);
    let (traceparent, failed, _) = handled(settings(), 500).await;
    let call = &failed.calls[0];
    assert_eq!(call.parent, Some(failed.requests[0].context().span_id()));
    assert!(traceparent.contains(&call.context.span_id().to_string()) && traceparent.ends_with("-02"));
    assert_eq!((call.rate, &call.status), (Some(SamplingRate::ALL), &SpanStatus::Unset));
    let (_, succeeded, _) = handled(settings(), 200).await;
    assert!(succeeded.calls.is_empty() && succeeded.requests.is_empty());
}

#[tokio::test]
async fn call_of_a_blacklisted_host_is_neither_propagated_nor_recorded() {
    for host in ["127.0.0.1", "127.0.0.1:{port}"] {
        let shop = Shop::new(Settings::default()).await;
        let port = shop.url.rsplit(':').next().unwrap();
        let host = host.replace("{port}", port);
        // The port is known only now.
        let settings = Settings::default().with(|settings| settings.trace.blacklist_hostnames = vec![host.clone()]);
        let other = Shop::new(settings).await;
        let (client, url) = (other.client(), shop.url("/headers"));
        let outside = sent(client.clone(), url.clone()).await;
        let handled = other.handle(200, async move { assert_eq!(sent(client, url).await, "") }).await;
        assert_eq!((outside.as_str(), handled.calls.len(), handled.requests.len()), ("", 0, 1), "{host}");
    }
}

#[tokio::test]
async fn call_outside_of_a_request_begins_a_trace_if_the_sampler_keeps_it() {
    let shop = Shop::new(Settings::default()).await;
    let traceparent = sent(shop.client(), shop.url("/headers")).await;
    let recorded = shop.recorded().await;
    let call = &recorded.calls[0];
    assert_eq!(traceparent.as_bytes(), call.context.to_header());
    assert!(call.parent.is_none() && traceparent.ends_with("-03"), "{traceparent}");
    assert_eq!(recorded.called[0].parent(), Some(call.context.span_id()));

    let shop = Shop::new(rate(0.0)).await;
    let traceparent = sent(shop.client(), shop.url("/headers")).await;
    assert!(traceparent.ends_with("-02"), "{traceparent}");
    assert!(shop.recorded().await.calls.is_empty());
}

#[tokio::test]
async fn call_outside_of_a_request_has_the_rate_of_the_sampler() {
    let shop = Shop::new(rate(0.5)).await;
    for _ in 0..60 {
        sent(shop.client(), shop.url("/ok")).await;
    }
    let calls = shop.recorded().await.calls;
    assert!((10..50).contains(&calls.len()), "{}", calls.len());
    assert!(calls.iter().all(|call| call.rate == SamplingRate::try_from(0.5).ok()));
}

#[tokio::test]
async fn calls_of_the_pipeline_are_not_recorded() {
    let shop = Shop::new(Settings::default()).await;
    let (other, (sender, receiver)) = (shop.telemetry.clone(), std::sync::mpsc::channel());
    // The function runs on the thread of the pipeline, as exporters do.
    let settings = Settings::default().with_processor(move |_| {
        let call = other.call("GET", "http://ingestion.example/");
        sender.send(call.headers()).unwrap();
        call.end(500);
        true
    });
    let pipeline = Shop::new(settings).await;
    pipeline.handle(200, async {}).await;
    assert!(receiver.recv().unwrap().is_empty());
    assert!(shop.recorded().await.calls.is_empty());
}
