//! The exporter connects through a proxy, trusts additional roots, and refuses plain `http` to other machines.

use std::path::PathBuf;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::{OpenCensusLayer, Settings, Telemetry};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::SettingsExt as _;
use crate::support::quick;
use test_support::TIMEOUT;
use test_support::certificates::server_config;
use test_support::endpoint::{Endpoint, KEY};

fn settings(endpoint: &str) -> Settings {
    let connection = format!("InstrumentationKey={KEY};IngestionEndpoint={endpoint}");
    Settings::default()
        .with(|s| s.limits = quick())
        .with_store(false)
        .with_connection_string(connection.parse().unwrap())
}

async fn send_request(telemetry: &Telemetry) {
    let service =
        service_fn(|_: Request<()>| async { Ok::<_, std::convert::Infallible>(Response::new(Empty::<Bytes>::new())) });
    let request = Request::get("/").header("host", "shop").body(()).unwrap();
    OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request).await.unwrap();
}

#[tokio::test]
async fn telemetry_is_sent_through_the_proxy_of_the_settings() {
    let proxy = Endpoint::start([]).await;
    let telemetry = settings("http://ingestion.example/")
        .with(|s| s.azure.plain_http = true)
        .with(|s| s.azure.proxy = Some(format!("http://anna:hunter2@{}", proxy.address).parse().unwrap()))
        .start()
        .unwrap();
    send_request(&telemetry).await;
    let report = telemetry.shutdown(TIMEOUT).await;
    assert!(report.complete, "{report:?}");
    let posts = proxy.posts();
    assert_eq!(posts.len(), 1, "{posts:?}");
    assert_eq!(posts[0].headers["host"], "ingestion.example");
    assert_eq!(posts[0].headers["proxy-authorization"], "Basic YW5uYTpodW50ZXIy");
    assert_eq!(report.stats.delivered, 1, "{report:?}");
}

#[tokio::test]
async fn private_authority_is_trusted_only_if_its_file_is_configured() {
    let (pem, tls) = server_config();
    // The first file contains roots of another authority, so that the test does not depend on the system's certificates.
    let (unrelated, _) = server_config();
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (folder.path().join("ours.pem"), folder.path().join("theirs.pem"));
    std::fs::write(&ours, pem).unwrap();
    std::fs::write(&theirs, unrelated).unwrap();
    let endpoint = Endpoint::start_tls(tls).await;
    let start = |roots: &PathBuf| {
        settings(&format!("https://{}/", endpoint.address))
            .with(|s| s.azure.extra_roots = Some(roots.into()))
            .start()
            .unwrap()
    };

    let telemetry = start(&theirs);
    send_request(&telemetry).await;
    let deadline = tokio::time::Instant::now() + TIMEOUT;
    while telemetry.stats().retried == 0 && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert!(telemetry.stats().retried > 0, "the item is kept and retried: {:?}", telemetry.stats());
    assert_eq!(telemetry.stats().delivered, 0);
    assert_eq!(endpoint.posts().len(), 0);
    drop(telemetry);

    let telemetry = start(&ours);
    send_request(&telemetry).await;
    let report = telemetry.shutdown(TIMEOUT).await;
    assert_eq!((report.stats.delivered, endpoint.posts().len()), (1, 1), "{report:?}");
}

#[test]
fn plain_http_to_another_machine_requires_permission() {
    let settings = settings("http://ingestion.example/");
    let error = settings.clone().start().unwrap_err().to_string();
    assert!(error.contains("`ingestion.example` is plain `http`"), "{error}");
    assert!(error.contains("OPENCENSUS_AZURE_PLAIN_HTTP=true"), "{error}");
    assert!(settings.with(|s| s.azure.plain_http = true).start().is_ok());
    for here in ["http://localhost:1/", "http://127.3.2.1:1/", "http://[::1]:1/"] {
        assert!(self::settings(here).start().is_ok(), "{here}");
    }
}

#[test]
fn unreadable_roots_are_an_error_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let (missing, empty) = (folder.path().join("missing.pem"), folder.path().join("empty.pem"));
    std::fs::write(&empty, "nothing").unwrap();
    for (file, message) in [(missing, "No such file"), (empty, "contain no `-----BEGIN CERTIFICATE-----`")] {
        let error = settings("https://127.0.0.1:1/")
            .with(|s| s.azure.extra_roots = Some(file.clone()))
            .start()
            .unwrap_err()
            .to_string();
        assert!(error.contains(&*file.to_string_lossy()) && error.contains(message), "{error}");
    }
}
