//! The layer records one row, whether other middleware is outside or inside of it.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderName, Request, Response};
use http_body_util::{BodyExt, Full};
use opencensus::{OpenCensusLayer, OutcomeKind, RequestRecord, Settings};
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use crate::support::{ended, in_memory};

const LONG: &str = "a text that is worth a compression, a text that is worth a compression, a text";

/// Sends one request through the stack that `make` builds with the layer, and returns row and response.
async fn row<S, B>(make: impl FnOnce(OpenCensusLayer) -> S) -> (RequestRecord, Result<Response<Bytes>, String>)
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: http_body::Body,
    B::Error: std::fmt::Debug,
{
    let (telemetry, exporter) = in_memory(Settings::default());
    let request = Request::get("/users/7").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let response = match make(OpenCensusLayer::new(telemetry.clone())).oneshot(request).await {
        Ok(response) => {
            let (parts, body) = response.into_parts();
            Ok(Response::from_parts(parts, body.collect().await.unwrap().to_bytes()))
        }
        Err(error) => Err(error.into().to_string()),
    };
    (ended(&telemetry, &exporter, 1).await.remove(0), response)
}

async fn shop(_: Request<Body>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::from(LONG)))
}

async fn slow(_: Request<Body>) -> Result<Response<Full<Bytes>>, Infallible> {
    std::future::pending().await
}

/// Tests that leave one row, completed with 200, with another layer outside or inside.
macro_rules! one_row {
    ($($name:ident: $layer:expr;)*) => {$(
        #[tokio::test]
        async fn $name() {
            let service = || service_fn(shop);
            let (outside, response) = row(|ours| ServiceBuilder::new().layer($layer).layer(ours).service(service())).await;
            assert!(response.is_ok(), "{response:?}");
            let (inside, response) = row(|ours| ServiceBuilder::new().layer(ours).layer($layer).service(service())).await;
            assert!(response.is_ok(), "{response:?}");
            for record in [outside, inside] {
                assert_eq!((record.status(), record.outcome().kind()), (Some(200), OutcomeKind::Completed));
            }
        }
    )*};
}

const MINUTE: Duration = Duration::from_secs(60);

mod layer_leaves_one_row_outside_and_inside_of {
    use super::*;

    one_row! {
        timeout: tower::timeout::TimeoutLayer::new(MINUTE);
        load_shed: tower::load_shed::LoadShedLayer::new();
        concurrency_limit: tower::limit::ConcurrencyLimitLayer::new(1);
        rate_limit: tower::limit::RateLimitLayer::new(10, MINUTE);
        catch_panic: CatchPanicLayer::new();
        compression: CompressionLayer::new();
        http_timeout: tower_http::timeout::TimeoutLayer::with_status_code(http::StatusCode::REQUEST_TIMEOUT, MINUTE);
        request_id: SetRequestIdLayer::new(HeaderName::from_static("x-request-id"), MakeRequestUuid);
        propagated_request_id: PropagateRequestIdLayer::new(HeaderName::from_static("x-request-id"));
    }
}

#[tokio::test]
async fn buffer_outside_or_inside_leaves_one_row() {
    let buffer = || tower::buffer::BufferLayer::new(4);
    for is_outside in [true, false] {
        let (record, response) = if is_outside {
            row(|ours| ServiceBuilder::new().layer(buffer()).layer(ours).service(service_fn(shop))).await
        } else {
            row(|ours| ServiceBuilder::new().layer(ours).layer(buffer()).service(service_fn(shop))).await
        };
        assert!(response.is_ok(), "{response:?}");
        assert_eq!((record.status(), record.outcome().kind()), (Some(200), OutcomeKind::Completed), "{is_outside}");
    }
}

#[tokio::test]
async fn compressed_body_ends_with_its_last_byte() {
    let (_, response) =
        row(|ours| ServiceBuilder::new().layer(ours).layer(CompressionLayer::new()).service_fn(shop)).await;
    let response = response.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert!(response.body().len() < LONG.len());
}

#[tokio::test]
async fn timeout_outside_cancels_and_inside_is_an_error() {
    let soon = || tower::timeout::TimeoutLayer::new(Duration::from_millis(10));
    let (record, response) = row(|ours| ServiceBuilder::new().layer(soon()).layer(ours).service_fn(slow)).await;
    assert!(response.is_err());
    assert_eq!((record.status(), record.outcome().kind()), (Some(499), OutcomeKind::Cancelled));
    let (record, response) = row(|ours| ServiceBuilder::new().layer(ours).layer(soon()).service_fn(slow)).await;
    assert!(response.is_err());
    assert_eq!((record.status(), record.outcome().kind()), (Some(500), OutcomeKind::Error));
}

#[tokio::test]
async fn caught_panic_is_a_response_inside_and_a_panic_outside() {
    async fn boom(_: Request<Body>) -> Result<Response<Full<Bytes>>, Infallible> {
        panic!("boom")
    }
    let (record, response) =
        row(|ours| ServiceBuilder::new().layer(ours).layer(CatchPanicLayer::new()).service_fn(boom)).await;
    assert_eq!(response.unwrap().status(), 500);
    assert_eq!((record.status(), record.outcome().kind()), (Some(500), OutcomeKind::Completed));
    let (record, response) =
        row(|ours| ServiceBuilder::new().layer(CatchPanicLayer::new()).layer(ours).service_fn(boom)).await;
    assert_eq!(response.unwrap().status(), 500);
    assert_eq!((record.outcome().kind(), record.outcome().detail()), (OutcomeKind::Panicked, Some("boom")));
}

#[tokio::test]
async fn route_template_is_recorded_wherever_the_layer_is() {
    let users = || Router::new().route("/{id}", get(|| async { LONG }));
    type Make = fn(OpenCensusLayer, Router) -> Router;
    let places: [(&str, Make, &str); 6] = [
        ("around the routes", |ours, users| Router::new().nest("/users", users).layer(ours), "GET /users/{id}"),
        ("inside a nest", |ours, users| Router::new().nest("/users", users.layer(ours)), "GET /users/{id}"),
        ("route_layer", |ours, users| Router::new().nest("/users", users).route_layer(ours), "GET /users/{id}"),
        ("nest_service", |ours, users| Router::new().nest_service("/users", users).layer(ours), "GET"),
        ("fallback", |ours, users| Router::new().nest("/other", users).fallback(|| async { LONG }).layer(ours), "GET"),
        ("both", |ours, users| Router::new().nest("/users", users.layer(ours.clone())).layer(ours), "GET /users/{id}"),
    ];
    for (place, make, name) in places {
        let (record, response) = row(|ours| make(ours, users()).with_state::<()>(())).await;
        assert_eq!(response.unwrap().status(), 200, "{place}");
        assert_eq!((record.name(), record.path()), (name.into(), "/users/7".into()), "{place}");
    }
    // With a layer around the router, a second layer inside contributes the route.
    let (record, _) =
        row(|ours| ours.clone().layer(Router::new().nest("/users", users()).layer(ours).with_state::<()>(()))).await;
    assert_eq!(record.name(), "GET /users/{id}");
}
