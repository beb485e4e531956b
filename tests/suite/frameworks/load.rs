//! Under load, every request is accounted for.

use opencensus::sampling::{SamplerSetting, SamplingRate};
use opencensus::{Settings, Telemetry};
use opencensus_portal::{Filter, Portal};

use crate::support::load;
use crate::support::server::{Framework, Server};
use test_support::TIMEOUT;

const REQUESTS: usize = 20_000;
/// The maximum number of queued items, so low that a queue for 16,384 items refuses none.
const PACE: u64 = 2_000;

async fn start(settings: Settings) -> (Portal, Telemetry) {
    let portal = Portal::start().unwrap();
    let settings = settings.with_store(false).with_connection_string(portal.connection_string().parse().unwrap());
    (portal, settings.with_blacklist_paths(["/health"]).start().unwrap())
}

/// Sends the load, and returns the number of rows and the sum of their weights.
async fn send(framework: Framework, settings: Settings, header: &'static str) -> (u64, f64, opencensus::stats::Stats) {
    let (portal, telemetry) = start(settings).await;
    let server = Server::start(framework, telemetry.clone()).await;
    load::run(server.address, REQUESTS, header, Some((telemetry.clone(), PACE))).await;
    server.stop().await;
    let report = telemetry.shutdown(TIMEOUT).await;
    assert!(report.complete && report.stats.balances(), "{report:?}");
    assert_eq!((report.stats.refused.full, report.stats.refused.closed), (0, 0));
    assert_eq!(report.stats.blacklisted, load::hidden(REQUESTS));
    let (rows, weighted) = portal.count(Filter::requests()).await.unwrap();
    assert_eq!(rows, report.stats.delivered);
    (rows, weighted, report.stats)
}

fn visible() -> u64 {
    REQUESTS as u64 - load::hidden(REQUESTS)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_outside_the_blacklist_is_a_row() {
    for framework in Framework::ALL {
        let (rows, weighted, _) = send(framework, Settings::default(), "").await;
        assert_eq!((rows, weighted), (visible(), visible() as f64), "{framework:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_of_an_unsampled_trace_are_rows_too() {
    let header = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00\r\n";
    for framework in Framework::ALL {
        let (rows, ..) = send(framework, Settings::default(), header).await;
        assert_eq!(rows, visible(), "{framework:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sampled_tenth_represents_all_requests() {
    let rate = 0.1;
    for framework in Framework::ALL {
        let sampler = SamplerSetting::Probability(SamplingRate::try_from(rate).unwrap());
        let (rows, weighted, stats) = send(framework, Settings::default().with_sampler(sampler), "").await;
        let requests = visible() as f64;
        let deviation = (requests * rate * (1.0 - rate)).sqrt();
        assert!((rows as f64 - requests * rate).abs() <= 4.0 * deviation, "{framework:?}: {rows} rows");
        assert!((weighted - requests).abs() <= 4.0 * deviation / rate, "{framework:?}: {weighted} weighted");
        assert_eq!(stats.accepted + stats.sampled_out, visible());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_queue_refuses_and_every_request_is_accounted_for() {
    for framework in Framework::ALL {
        let mut settings = Settings::default();
        settings.limits.max_bytes = 64 * 1024;
        let (portal, telemetry) = start(settings).await;
        let server = Server::start(framework, telemetry.clone()).await;
        load::run(server.address, REQUESTS, "", None).await;
        server.stop().await;
        let stats = telemetry.shutdown(TIMEOUT).await.stats;
        let (rows, _) = portal.count(Filter::requests()).await.unwrap();
        assert!(stats.refused.full > 0, "{framework:?}: {stats:?}");
        assert!(stats.balances() && stats.queued == 0, "{framework:?}: {stats:?}");
        assert_eq!(rows + stats.dropped.total(), stats.accepted, "{framework:?}: {stats:?}");
        assert_eq!(
            stats.accepted + stats.refused.full + stats.blacklisted,
            REQUESTS as u64,
            "{framework:?}: {stats:?}"
        );
    }
}
