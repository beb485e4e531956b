//! Services and fallbacks below a prefix have the prefix as their name, and private names of the router are no names.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use opencensus::{OpenCensusLayer, RequestTelemetry, Settings};
use tower::{Layer as _, ServiceExt as _};
use tower_http::services::ServeDir;

use crate::support::{ended, in_memory};

/// The name of a request for this path.
async fn name(make: impl FnOnce(OpenCensusLayer) -> Router, path: &str) -> String {
    let (telemetry, exporter) = in_memory(Settings::default());
    let app = make(OpenCensusLayer::new(telemetry.clone()));
    let response = app.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    ended(&telemetry, &exporter, 1).await[0].name().into_owned()
}

fn files() -> ServeDir {
    ServeDir::new(concat!(env!("CARGO_MANIFEST_DIR"), "/suite"))
}

#[tokio::test]
async fn service_below_a_prefix_is_named_by_the_prefix() {
    let around = |ours| Router::new().nest_service("/assets", files()).layer(ours);
    for path in ["/assets/main.rs", "/assets/no/such/file", "/assets/tower/mod.rs?v=1"] {
        assert_eq!(name(around, path).await, "GET /assets/*", "{path}");
    }
    assert_eq!(name(around, "/assets").await, "GET /assets");
    assert_eq!(name(around, "/elsewhere").await, "GET");
    let inside = |ours: OpenCensusLayer| Router::new().nest_service("/assets", ours.layer(files()));
    assert_eq!(name(inside, "/assets/main.rs").await, "GET /assets/*");
    let deep = |ours| {
        let tenant = Router::new().nest_service("/assets", files()).route("/", get(async || "home"));
        Router::new().nest("/tenants/{id}", tenant).layer(ours)
    };
    assert_eq!(name(deep, "/tenants/7/assets/main.rs").await, "GET /tenants/{id}/assets/*");
    assert_eq!(name(deep, "/tenants/7").await, "GET /tenants/{id}");
}

#[tokio::test]
async fn nested_fallback_is_named_by_its_prefix_if_the_layer_or_its_handler_is_below() {
    let api = || Router::new().route("/users", get(async || "users")).fallback(async || "api");
    let inside = |ours| Router::new().nest("/api", api().layer(ours));
    assert_eq!(name(inside, "/api/nothing/here").await, "GET /api/*");
    assert_eq!(name(inside, "/api/users").await, "GET /api/users");
    let both = |ours: OpenCensusLayer| Router::new().nest("/api", api().layer(ours.clone())).layer(ours);
    assert_eq!(name(both, "/api/nothing").await, "GET /api/*");
    let extractor = |ours| {
        let api = Router::new().fallback(async |_: RequestTelemetry| "api");
        Router::new().nest("/api", api).layer(ours)
    };
    assert_eq!(name(extractor, "/api/nothing").await, "GET /api/*");
    let outside = |ours| Router::new().nest("/api", api()).layer(ours);
    assert_eq!(name(outside, "/api/nothing").await, "GET", "axum does not expose the prefix here");
    assert_eq!(name(|ours| api().layer(ours), "/nothing").await, "GET");
}
