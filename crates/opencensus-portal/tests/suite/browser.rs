//! Chromium, a real browser, shows the pages.

use std::path::{Path, PathBuf};
use std::process::Command;

use opencensus_portal::{Portal, requests};
use serde_json::{Value, json};
use test_support::TIMEOUT;

use crate::support::{envelope, post};

fn browser() -> PathBuf {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders: Vec<_> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let mut paths = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    paths.find(|path| path.is_file()).expect("this test needs Chromium in `PATH`")
}

fn run(browser: &Path, profile: &Path, arguments: &[&str]) -> String {
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1200,800"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// An envelope of a request with this response code and URL.
fn request(name: &str, code: u16, url: &str) -> Value {
    let mut envelope = envelope(name);
    let data = &mut envelope["data"]["baseData"];
    data["responseCode"] = code.to_string().into();
    data["success"] = (code < 400).into();
    data["url"] = url.into();
    envelope
}

#[tokio::test]
#[ignore = "needs Chromium"]
async fn browser_shows_the_requests_and_runs_none_of_their_scripts() {
    let browser = browser();
    let portal = Portal::start().unwrap();
    let items = json!([
        request("GET /", 200, "http://shop.example/"),
        request("GET /users/{id}", 200, "http://shop.example/users/7"),
        request("GET /forbidden", 403, "http://shop.example/forbidden"),
        request("GET /unavailable", 503, "http://shop.example/unavailable"),
        request("GET /u/{name}", 200, "http://shop.example/u/<script>document.title='taken'</script>"),
    ]);
    post(&portal, "/v2.1/track", "", items.to_string().as_bytes()).await;
    portal.wait_for_within(requests(), 5, TIMEOUT).await.unwrap();

    let profile = tempfile::tempdir().unwrap();
    let url = format!("{}search", portal.url());
    let page = run(&browser, profile.path(), &["--dump-dom", &url]);
    for text in ["GET /users/{id}", "GET /forbidden", "✗ 403", "✗ 503", "5 items", "<title>Search"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let filtered = run(&browser, profile.path(), &["--dump-dom", &format!("{url}?q=forbidden")]);
    assert!(filtered.contains("GET /forbidden") && !filtered.contains("GET /users"), "{filtered}");
    let item = run(&browser, profile.path(), &["--dump-dom", &format!("{}items/2", portal.url())]);
    assert!(item.contains("RequestData") && item.contains("Envelope as received"), "{item}");

    // For manual inspection.
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("portal.png");
    run(&browser, profile.path(), &[&format!("--screenshot={}", picture.display()), &url]);
    assert!(std::fs::metadata(&picture).unwrap().len() > 5_000);
}
