//! POSTs to an ingestion endpoint, and what follows from its responses.

use std::time::Duration;

use opencensus_azure::{AzureExporter, ConnectionString};
use opencensus_core::{Pipeline, PipelineLimits, Resource, Stats};
use test_support::TIMEOUT;
use test_support::endpoint::{Endpoint, KEY, Post, ScriptedResponse, status};

use crate::support::{quick, start, submit_request};

/// Submits one request to an endpoint with this script. Returns the POSTs and the counters once the request
/// is settled.
async fn deliver(script: Vec<ScriptedResponse>) -> (Vec<Post>, Stats) {
    let endpoint = Endpoint::start(script).await;
    let pipeline = start(&endpoint.connection_string(), quick());
    submit_request(&pipeline, "/");
    let report = pipeline.flush(TIMEOUT).await;
    assert!(report.complete && report.stats.balances(), "{report:?}");
    (endpoint.posts(), report.stats)
}

#[tokio::test]
async fn temporary_errors_are_retried_with_the_same_item() {
    let (posts, stats) = deliver(vec![status(500), status(503), status(408)]).await;
    assert_eq!((posts.len(), stats.delivered, stats.retried), (4, 1, 3));
    assert!(posts.windows(2).all(|pair| pair[0].items == pair[1].items));
}

#[tokio::test]
async fn retry_after_is_respected() {
    let throttled = (429, vec![("retry-after", "1".to_owned())], String::new());
    let (posts, stats) = deliver(vec![throttled]).await;
    assert_eq!((posts.len(), stats.delivered), (2, 1));
    assert!(posts[1].at - posts[0].at >= Duration::from_secs(1), "{:?}", posts[1].at - posts[0].at);
}

#[tokio::test]
async fn rejected_item_is_dropped_and_counted() {
    let (posts, stats) = deliver(vec![status(400)]).await;
    assert_eq!((posts.len(), stats.delivered, stats.dropped.total()), (1, 0, 1));
}

#[tokio::test]
async fn redirect_to_the_same_host_is_followed() {
    let (posts, stats) = deliver(vec![(308, vec![("location", "/elsewhere".to_owned())], String::new())]).await;
    assert_eq!((posts[1].path.as_str(), stats.delivered, stats.retried), ("/elsewhere", 1, 0));
}

#[tokio::test]
async fn redirect_to_another_host_is_not_followed_and_the_item_is_retried() {
    let other = Endpoint::start([]).await;
    let location = format!("http://{}/v2.1/track", other.address);
    let (posts, stats) = deliver(vec![(307, vec![("location", location)], String::new())]).await;
    assert_eq!((posts.len(), stats.delivered, stats.retried), (2, 1, 1));
    assert!(other.posts().is_empty());
}

#[tokio::test]
async fn redirect_loop_ends_and_the_item_is_retried() {
    let again = || (307, vec![("location", "/again".to_owned())], String::new());
    let (posts, stats) = deliver((0..6).map(|_| again()).collect()).await;
    assert_eq!((posts.len(), stats.delivered, stats.retried), (7, 1, 1));
}

#[tokio::test]
async fn redirect_is_remembered_as_long_as_cache_control_allows() {
    for (control, paths) in [
        (Some("max-age=60"), ["/v2.1/track", "/elsewhere", "/elsewhere"].as_slice()),
        (None, &["/v2.1/track", "/elsewhere", "/v2.1/track"]),
    ] {
        let endpoint = Endpoint::start([]).await;
        let mut headers = vec![("location", format!("http://{}/elsewhere", endpoint.address))];
        headers.extend(control.map(|control| ("cache-control", control.to_owned())));
        endpoint.set_script([(308, headers, String::new())]);
        let pipeline = start(&endpoint.connection_string(), quick());
        for path in ["/1", "/2"] {
            submit_request(&pipeline, path);
            assert!(pipeline.flush(TIMEOUT).await.complete);
        }
        let posted: Vec<_> = endpoint.posts().into_iter().map(|post| post.path).collect();
        assert_eq!(posted, paths, "{control:?}");
    }
}

#[tokio::test]
async fn https_needs_no_process_wide_provider() {
    let connection: ConnectionString = format!("InstrumentationKey={KEY}").parse().unwrap();
    let exporter = AzureExporter::new(&connection, &Resource::default()).unwrap();
    // On a machine without root certificates the error names the package to install.
    match Pipeline::start(Box::new(exporter), PipelineLimits::default(), None) {
        Ok(pipeline) => assert!(pipeline.shutdown(TIMEOUT).await.complete),
        Err(error) => assert!(error.to_string().contains("ca-certificates"), "{error}"),
    }
}
