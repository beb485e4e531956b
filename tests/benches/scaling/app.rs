//! The router that is measured, with and without telemetry.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::get;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use opencensus::sampling::SamplerSetting;
use opencensus::{OpenCensusLayer, Settings, Telemetry};
use tower::Service as _;

use crate::ready::now;

pub(crate) const KEPT: &str = "kept";
pub(crate) const NOT_SAMPLED: &str = "not sampled";
pub(crate) const BARE: &str = "bare";

/// Settings under which requests are kept, or are not sampled. Without OpenTelemetry's context.
pub(crate) fn settings(fate: &str) -> Settings {
    let mut settings = Settings::default();
    settings.trace.opentelemetry_context = false;
    if fate == NOT_SAMPLED { settings.with_sampler(SamplerSetting::AlwaysOff) } else { settings }
}

/// A router, bare without telemetry. Nothing in it is shared with another router, except for the telemetry.
pub(crate) fn router(telemetry: Option<&Telemetry>) -> Router {
    let handler = |Path(id): Path<u32>| async move { if id == 7 { "seven" } else { "other" } };
    let pending = || std::future::pending::<&'static str>();
    let router = Router::new().route("/users/{id}", get(handler)).route("/pending/{id}", get(pending));
    match telemetry {
        Some(telemetry) => router.layer(OpenCensusLayer::new(telemetry.clone())).with_state(()),
        None => router.with_state(()),
    }
}

/// A request for `/users/7`, or another path.
pub(crate) fn request(path: &str) -> Request<Body> {
    let builder = Request::get(path).header("host", "shop.example").header("user-agent", "bench/1.0");
    builder.body(Body::empty()).expect("a request")
}

/// Sends one request and reads the body to its end. Everything is ready at once, so nothing waits.
pub(crate) fn serve(router: &mut Router) {
    let Ok(response): Result<Response<Body>, _> = now(router.call(request("/users/7")));
    let body = now(response.into_body().collect()).expect("a body").to_bytes();
    assert_eq!(&body[..], b"seven");
}

/// Waits until the worker has handled every item.
pub(crate) fn flush(telemetry: &Telemetry) {
    assert!(telemetry.flush(Duration::from_secs(60)).wait().complete);
}
