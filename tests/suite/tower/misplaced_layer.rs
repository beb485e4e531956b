//! A layer in the wrong place is one warning.

use std::process::Command;

use axum::Router;
use axum::routing::get;
use opencensus::core::{EventRecord, Origin};
use opencensus::{InMemoryExporter, OpenCensusLayer, Settings, Telemetry};
use test_support::TIMEOUT;
use test_support::process::Program;
use tower::{Layer as _, ServiceExt as _};

const CHILD: &str = "MISPLACED_LAYER";

/// Runs one program without a subscriber, whose warnings go to the standard error output.
#[tokio::test]
async fn child() {
    let Ok(program) = std::env::var(CHILD) else { return };
    let settings = match &*program {
        "proxies" => Settings::default().with_trusted_proxies(["10.0.0.0/8"]),
        _ => Settings::default(),
    };
    let telemetry = settings.start_with(InMemoryExporter::default()).unwrap();
    let layer = OpenCensusLayer::new(telemetry.clone());
    let routes = Router::new().route("/users/{id}", get(|| async { "a user" }));
    match &*program {
        "before" => request(&Router::new().layer(layer).merge(routes), &telemetry).await,
        "forgotten" => request(&routes, &telemetry).await,
        "around" => {
            let response = layer.layer(routes).oneshot(http("/users/7")).await.unwrap();
            assert_eq!(response.status(), 200);
        }
        _ => request(&routes.layer(layer), &telemetry).await,
    }
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
}

fn http(path: &str) -> http::Request<axum::body::Body> {
    http::Request::get(path).body(axum::body::Body::empty()).unwrap()
}

async fn request(router: &Router, telemetry: &Telemetry) {
    let response = router.clone().oneshot(http("/users/7")).await.unwrap();
    assert_eq!(response.status(), 200);
    axum::body::to_bytes(response.into_body(), 100).await.unwrap();
    telemetry.track(EventRecord::new(Origin::at(std::time::SystemTime::now()), "user shown"));
}

/// The warnings of a program.
fn warnings(program: &str) -> Vec<String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "tower::misplaced_layer::child", "--nocapture"]).env(CHILD, program);
    let (status, output) = Program::start(&mut command).wait(TIMEOUT);
    assert!(status.success(), "{output:?}");
    output.stderr.lines().filter_map(|line| line.strip_prefix("opencensus: warning: ")).map(str::to_owned).collect()
}

#[test]
fn layer_before_the_routes_or_forgotten_is_one_warning() {
    for program in ["before", "forgotten"] {
        let warnings = warnings(program);
        assert!(warnings.len() == 1 && warnings[0].contains("add the layer last"), "{program}: {warnings:?}");
        assert!(warnings[0].starts_with("no request has passed through `OpenCensusLayer`"), "{warnings:?}");
    }
}

#[test]
fn requests_that_never_carry_a_route_are_one_warning() {
    let warnings = warnings("around");
    assert!(warnings.len() == 1 && warnings[0].starts_with("no request has a route"), "{warnings:?}");
    assert!(warnings[0].contains("axum 0.8"), "{warnings:?}");
}

#[test]
fn trusted_proxies_without_the_address_of_a_peer_are_one_warning() {
    let warnings = warnings("proxies");
    assert!(warnings.len() == 1 && warnings[0].starts_with("`trace.trusted_proxies` has no effect"), "{warnings:?}");
    assert!(warnings[0].contains("into_make_service_with_connect_info::<SocketAddr>()"), "{warnings:?}");
}

#[test]
fn layer_in_its_place_gives_no_warning() {
    assert_eq!(warnings("right"), [""; 0]);
}
