//! The page of the settings shows how to send telemetry, and what is kept.

use std::time::Duration;

use opencensus_portal::{Portal, PortalOptions};

use crate::support::{envelope, get, post};

#[tokio::test]
async fn page_shows_lines_to_copy_limits_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portal.db");
    let start = || {
        let options = PortalOptions::default().with_database(&file);
        options.with_retention(1234, 5 << 20, Duration::from_secs(7200)).start().unwrap()
    };
    let first = start();
    post(&first, "/v2.1/track", "", format!("[{},{}]", envelope("GET /earlier"), envelope("b")).as_bytes()).await;
    drop(first);
    let portal = start();
    let page = get(&portal, "/settings").await;
    let endpoint = format!("OTEL_EXPORTER_OTLP_ENDPOINT='http://{}'", portal.address());
    for part in
        [endpoint.as_str(), "portal.db", "2 of at most 1,234", "of at most 5.0 MiB", "2.0 hours", "href=\"/?run=1\""]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    // The pages show the current run, unless their address names another.
    assert!(get(&portal, "/search?run=1").await.contains("GET /earlier"));
    assert!(!get(&portal, "/search").await.contains("GET /earlier"));
}

#[tokio::test]
async fn portal_in_memory_warns_that_items_are_gone_at_its_end() {
    let page = get(&Portal::start().unwrap(), "/settings").await;
    assert!(page.contains("items are gone when the portal ends"), "{page}");
}
