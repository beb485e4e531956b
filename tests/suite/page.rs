//! The portal's page in a real browser, Chromium.

use std::path::{Path, PathBuf};
use std::process::Command;

use opencensus::Settings;
use opencensus_portal::{Filter, Portal};

use crate::support::quick;
use crate::support::server::{Framework, Server};
use test_support::TIMEOUT;
use test_support::client::get;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium"]
async fn page_in_a_browser_shows_the_rows() {
    let browser = browser();
    let portal = Portal::start().unwrap();
    let settings = Settings::default().with_limits(quick()).with_service_name("shop");
    let telemetry = settings.with_connection_string(portal.connection_string().parse().unwrap()).start().unwrap();
    let server = Server::start(Framework::Axum, telemetry.clone()).await;
    for path in ["/", "/users/7", "/forbidden", "/unavailable", "/u/%3Cscript%3Edocument.title='taken'%3C/script%3E"] {
        get(server.address, path).await;
    }
    assert!(portal.wait_for(Filter::requests(), 5, TIMEOUT).await.unwrap().complete);

    let profile = tempfile::tempdir().unwrap();
    let url = portal.url();
    let page = run(&browser, profile.path(), &["--dump-dom", &url]);
    for text in ["GET /users/{id}", "GET /forbidden", "✗ 403", "✗ 503", "5 received", "<title>Requests"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let filtered = run(&browser, profile.path(), &["--dump-dom", &format!("{url}?q=forbidden")]);
    assert!(filtered.contains("GET /forbidden") && !filtered.contains("GET /users"), "{filtered}");
    let item = run(&browser, profile.path(), &["--dump-dom", &format!("{url}items/2")]);
    assert!(item.contains("RequestData") && item.contains("<h2>Envelope</h2>"), "{item}");

    // For manual inspection.
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("portal.png");
    run(&browser, profile.path(), &[&format!("--screenshot={}", picture.display()), &url]);
    assert!(std::fs::metadata(&picture).unwrap().len() > 5_000);
    server.stop().await;
}
