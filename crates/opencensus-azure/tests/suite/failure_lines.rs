//! The lines that the log has if telemetry does not arrive, for every way in which that happens.

use std::time::{Duration, Instant};

use opencensus_azure::{AzureExporter, ConnectionString, ExtraRoots};
use opencensus_core::{Pipeline, PipelineLimits, Resource};
use test_support::TIMEOUT;
use test_support::certificates::{expired_server_config, server_config, server_config_of_another_host};
use test_support::endpoint::{Endpoint, KEY, ScriptedResponse, status};

use crate::forward_proxy::ForwardProxy;
use crate::support::log_lines::{keep_lines_about, lines_about};
use crate::support::{Client, quick, start, submit_request};

/// Limits with which there is one attempt in a test.
fn one_attempt() -> PipelineLimits {
    let mut limits = quick();
    limits.retry_base = Duration::from_secs(3600);
    limits.retry_max = Duration::from_secs(3600);
    limits.grace = Duration::ZERO;
    limits
}

/// The first line about this host. It must be there after one attempt.
async fn first_line(pipeline: &Pipeline, host: &str) -> String {
    keep_lines_about(host);
    submit_request(pipeline, "/");
    let begun = Instant::now();
    loop {
        if let Some(line) = lines_about(host).into_iter().next() {
            assert!(!line.contains(KEY), "{line}");
            return line;
        }
        assert!(begun.elapsed() < TIMEOUT, "no line about {host}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The first line after the endpoint's response.
async fn line_after(response: ScriptedResponse) -> String {
    let endpoint = Endpoint::start([response]).await;
    let pipeline = start(Client::BuiltIn, &endpoint.connection_string(), one_attempt());
    first_line(&pipeline, &endpoint.address.to_string()).await
}

fn connection(endpoint: &str) -> String {
    format!("InstrumentationKey={KEY};IngestionEndpoint={endpoint}")
}

#[tokio::test]
async fn first_failed_status_is_logged_with_the_endpoints_message_and_the_remedy() {
    for (status, message, words) in [
        (503, "try later", ["503 Service Unavailable: \"try later\"", "the service, or a proxy on the way"]),
        (500, "", ["500 Internal Server Error", "no change is needed unless it lasts"]),
        (429, "slow down", ["429 Too Many Requests: \"slow down\"", "lower the sampling rate"]),
        (401, "", ["401 Unauthorized", "copy the connection string"]),
        (
            401,
            "Local auth is disabled",
            ["401 Unauthorized: \"Local auth is disabled\"", "turn local authentication on"],
        ),
        (302, "<html>sign in</html>", ["302; the redirect is not followed", "sign-in page"]),
        (403, "", ["403 Forbidden", "private link"]),
        (439, "", ["439 Daily Quota Exceeded", "raise its daily cap"]),
        (402, "", ["402 Payment Required", "raise its daily cap"]),
        (404, "<html>nothing</html>", ["404 Not Found; there is no ingestion service", "`IngestionEndpoint`"]),
        (
            400,
            "Invalid instrumentation key",
            ["400 Bad Request: \"Invalid instrumentation key\"", "copy the connection"],
        ),
    ] {
        let line = line_after((status, Vec::new(), message.to_owned())).await;
        assert!(line.starts_with("WARN telemetry is "), "{line}");
        assert!(words.iter().all(|words| line.contains(words)), "{line}");
        assert!(line.contains("1 failed attempt"), "{line}");
    }
}

#[tokio::test]
async fn message_of_a_listed_item_is_logged_and_cut() {
    let message = format!("Invalid instrumentation key {}", "x".repeat(300));
    let body = format!(
        r#"{{"itemsReceived":1,"itemsAccepted":0,"errors":[{{"index":0,"statusCode":400,"message":"{message}"}}]}}"#
    );
    let line = line_after((400, Vec::new(), body)).await;
    let (_, rest) = line.split_once(": \"").unwrap();
    let (logged, _) = rest.split_once('"').unwrap();
    assert!(logged.starts_with("Invalid instrumentation key xxx") && logged.chars().count() == 201, "{line}");
    assert!(line.contains("lost: 1 item rejected by the endpoint"), "{line}");
}

#[tokio::test]
async fn closed_port_is_logged_with_the_errors_chain() {
    for client in Client::ALL {
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let pipeline = start(client, &connection(&format!("http://{address}/")), one_attempt());
        let line = first_line(&pipeline, &address).await;
        assert!(line.starts_with("WARN telemetry is not delivered, it is sent again: `127.0.0.1:"), "{line}");
        assert!(line.contains("onnection refused") && line.contains("nothing listens at the endpoint"), "{line}");
    }
}

#[tokio::test]
async fn unknown_host_is_logged_with_the_host() {
    for (client, host) in [(Client::BuiltIn, "no-such-host.invalid"), (Client::Reqwest, "no-other-host.invalid")] {
        let pipeline = start(client, &connection(&format!("http://{host}/")), one_attempt());
        let line = first_line(&pipeline, host).await;
        assert!(
            line.contains(&format!("`{host}`: ")) && line.contains("check the host in `IngestionEndpoint`"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn certificate_that_is_expired_or_of_another_host_is_refused_and_the_item_kept() {
    for ((authority, tls), is_valid) in
        [(server_config(), true), (expired_server_config(), false), (server_config_of_another_host(), false)]
    {
        let endpoint = Endpoint::start_tls(tls).await;
        let string: ConnectionString = connection(&format!("https://{}/", endpoint.address)).parse().unwrap();
        let roots = ExtraRoots::from_pem(authority.as_bytes()).unwrap();
        let exporter = AzureExporter::new(&string, &Resource::default()).unwrap().with_extra_roots(roots);
        let pipeline = Pipeline::start(Box::new(exporter), quick(), None).unwrap();
        submit_request(&pipeline, "/");
        let begun = Instant::now();
        while pipeline.stats().retried < 2 && pipeline.stats().delivered == 0 {
            assert!(begun.elapsed() < TIMEOUT, "{:?}", pipeline.stats());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let stats = pipeline.stats();
        assert_eq!((stats.delivered == 1, stats.queued == 1), (is_valid, !is_valid), "{stats:?}");
        assert_eq!(endpoint.posts().len(), usize::from(is_valid));
    }
}

#[tokio::test]
async fn untrusted_certificate_is_logged_with_the_setting_that_trusts_it() {
    let ((_, tls), (unrelated, _)) = (server_config(), server_config());
    let endpoint = Endpoint::start_tls(tls).await;
    let string: ConnectionString = connection(&format!("https://{}/", endpoint.address)).parse().unwrap();
    let roots = ExtraRoots::from_pem(unrelated.as_bytes()).unwrap();
    let exporter = AzureExporter::new(&string, &Resource::default()).unwrap().with_extra_roots(roots);
    let pipeline = Pipeline::start(Box::new(exporter), one_attempt(), None).unwrap();
    let line = first_line(&pipeline, &endpoint.address.to_string()).await;
    assert!(line.contains("certificate") && line.contains("`azure.extra_roots`"), "{line}");
}

#[tokio::test]
async fn proxy_that_refuses_is_logged_without_its_password() {
    let (authority, tls) = server_config();
    let endpoint = Endpoint::start_tls(tls).await;
    let proxy = ForwardProxy::start(endpoint.address, None).await;
    let string: ConnectionString = connection(&format!("https://{}/", endpoint.address)).parse().unwrap();
    let exporter = AzureExporter::new(&string, &Resource::default())
        .unwrap()
        .with_extra_roots(ExtraRoots::from_pem(authority.as_bytes()).unwrap())
        .with_proxy(format!("http://anna:hunter2@{}", proxy.address).parse().unwrap());
    let pipeline = Pipeline::start(Box::new(exporter), one_attempt(), None).unwrap();
    let line = first_line(&pipeline, &endpoint.address.to_string()).await;
    assert!(line.contains(&format!("the proxy `{}` failed", proxy.address)), "{line}");
    assert!(line.contains("proxy authorization required") && line.contains("`azure.proxy`"), "{line}");
    assert!(!line.contains("hunter2") && !line.contains("anna"), "{line}");
}

#[tokio::test]
async fn endpoint_that_does_not_respond_is_logged_with_the_timeout() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let string: ConnectionString = connection(&format!("http://{address}/")).parse().unwrap();
    let exporter = AzureExporter::new(&string, &Resource::default()).unwrap().with_timeout(Duration::from_millis(50));
    let pipeline = Pipeline::start(Box::new(exporter), one_attempt(), None).unwrap();
    let line = first_line(&pipeline, &address.to_string()).await;
    assert!(line.contains("raise `azure.timeout`"), "{line}");
}

#[tokio::test]
async fn one_line_reports_that_telemetry_is_delivered_again() {
    let endpoint = Endpoint::start([status(503), status(500)]).await;
    let pipeline = start(Client::BuiltIn, &endpoint.connection_string(), quick());
    keep_lines_about(&endpoint.address.to_string());
    submit_request(&pipeline, "/");
    assert!(pipeline.flush(TIMEOUT).await.complete);
    submit_request(&pipeline, "/");
    assert!(pipeline.shutdown(TIMEOUT).await.complete);
    let lines = lines_about(&endpoint.address.to_string());
    assert_eq!(lines.len(), 2, "{lines:?}");
    let expected = format!("INFO telemetry is delivered again to `{}`, after 2 failed attempts in ", endpoint.address);
    assert!(lines[1].starts_with(&expected), "{lines:?}");
}

#[tokio::test]
async fn refused_telemetry_is_logged_with_the_cause() {
    let endpoint = Endpoint::start([status(503)]).await;
    let mut limits = one_attempt();
    limits.max_items = 4;
    let pipeline = start(Client::BuiltIn, &endpoint.connection_string(), limits);
    let host = endpoint.address.to_string();
    first_line(&pipeline, &host).await;
    (0..10).for_each(|_| submit_request(&pipeline, "/"));
    let is_refusal = |line: &String| line.contains("the queue is full");
    let begun = Instant::now();
    while !lines_about(&host).iter().any(is_refusal) {
        assert!(begun.elapsed() < TIMEOUT);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let line = lines_about(&host).into_iter().find(is_refusal).unwrap();
    assert!(line.contains("503 Service Unavailable") && line.contains(" refused, 4 items waiting)"), "{line}");
}
