//! The page of the settings shows how to send telemetry, and what is kept.

use std::time::Duration;

use opencensus_portal::{Portal, PortalOptions};

use crate::support::{envelope, get, get_json, post};

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

#[tokio::test]
async fn form_deletes_all_items_with_the_token_of_the_page_alone() {
    let portal = Portal::start().unwrap();
    post(&portal, "/v2.1/track", "", envelope("a").to_string().as_bytes()).await;
    let page = get(&portal, "/settings").await;
    let token = page.split_once("name=\"token\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let clear = |token: String| post_form(&portal, form, token);
    assert_eq!(clear("token=0".to_owned()).await, 403);
    assert_eq!(get_json(&portal, "/api/v1/count").await["count"], 1);
    assert_eq!(clear(format!("token={token}")).await, 303);
    assert_eq!(get_json(&portal, "/api/v1/count").await["count"], 0);
}

async fn post_form(portal: &Portal, headers: &str, body: String) -> u16 {
    post(portal, "/settings/clear", headers, body.as_bytes()).await.0
}

#[tokio::test]
async fn page_links_the_certificate_the_export_and_the_faults() {
    let portal = Portal::start().unwrap();
    let page = get(&portal, "/settings?run=1").await;
    for part in ["/api/v1/certificate", "/api/v1/export?run=1\"", "run=1&amp;format=otlp-json", "/faults?run=1"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains("IngestionEndpoint=https://127.0.0.1"), "{page}");
    let certificate = get(&portal, "/api/v1/certificate").await;
    assert!(certificate.contains("BEGIN CERTIFICATE") && !certificate.contains("PRIVATE"), "{certificate}");
}
