//! Requests in flight and finished requests are counted exactly.

use std::time::Duration;

use opencensus::sampling::SamplerSetting;
use opencensus::{Settings, Telemetry};

use crate::support::in_memory;
use crate::support::server::{Framework, Server};
use test_support::TIMEOUT;
use test_support::client::{disconnect_midway, disconnect_when, get};

/// Waits until the counts meet a condition.
async fn until(telemetry: &Telemetry, is_met: impl Fn(&opencensus::stats::RequestCounts) -> bool) {
    let deadline = tokio::time::Instant::now() + TIMEOUT;
    while !is_met(&telemetry.stats().requests) {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", telemetry.stats());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn no_request_stays_in_flight_however_it_ends() {
    let kept = Settings::default();
    let hidden = Settings::default().with_blacklist_paths(["/"]);
    let unsampled = Settings::default().with_sampler(SamplerSetting::AlwaysOff);
    for framework in Framework::ALL {
        for settings in [kept.clone(), hidden.clone(), unsampled.clone()] {
            let (telemetry, _) = in_memory(settings);
            let server = Server::start(framework, telemetry.clone()).await;
            for path in ["/users/7", "/redirect", "/forbidden", "/unavailable", "/fail", "/boom", "/stream"] {
                get(server.address, path).await;
            }
            disconnect_midway(server.address, "/stream").await;
            let begun = telemetry.clone();
            disconnect_when(server.address, "/slow", async move {
                until(&begun, |requests| requests.started() == 9).await;
            })
            .await;
            until(&telemetry, |requests| requests.started() == 9 && requests.in_flight() == 0).await;
            let requests = telemetry.stats().requests;
            let of_class = [2, 3, 4].map(|class| requests.finished(class));
            assert_eq!(of_class, [3, 1, 1], "{framework:?}: {requests:?}");
            // A handler's error has a response in axum, and none in hyper; a panic has none in either.
            assert_eq!(requests.finished(5) + requests.finished(0), 4, "{framework:?}: {requests:?}");
            server.stop().await;
        }
    }
}

#[tokio::test]
async fn request_is_in_flight_while_it_is_handled() {
    for framework in Framework::ALL {
        let (telemetry, _) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        let address = server.address;
        let slow = tokio::spawn(async move { get(address, "/slow").await });
        until(&telemetry, |requests| requests.in_flight() == 1).await;
        assert!(slow.await.unwrap().starts_with("HTTP/1.1 200"), "{framework:?}");
        until(&telemetry, |requests| requests.in_flight() == 0 && requests.finished(2) == 1).await;
        server.stop().await;
    }
}
