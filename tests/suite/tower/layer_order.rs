//! The layer records one row, whether other middleware is outside or inside of it.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::Router;
use axum::ServiceExt as AxumServiceExt;
use axum::body::Body;
use axum::routing::{any, get};
use bytes::Bytes;
use http::{HeaderName, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use opencensus::{OpenCensusLayer, OutcomeKind, RequestRecord, Settings};
use tokio::sync::Semaphore;
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::normalize_path::NormalizePathLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer as HttpTimeoutLayer;
use tower_http::validate_request::ValidateRequestHeaderLayer;

use crate::support::{SettingsExt as _, ended, in_memory};

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
        trace: tower_http::trace::TraceLayer::new_for_http();
        cors: tower_http::cors::CorsLayer::permissive();
        set_header: tower_http::set_header::SetResponseHeaderLayer::overriding(
            HeaderName::from_static("server"),
            http::HeaderValue::from_static("shop"),
        );
        normalize_path: NormalizePathLayer::trim_trailing_slash();
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
async fn timeout_of_tower_http_has_its_status_inside_and_cancels_outside() {
    let soon = || HttpTimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_millis(10));
    let (record, response) = row(|ours| ServiceBuilder::new().layer(ours).layer(soon()).service_fn(slow)).await;
    assert_eq!((response.unwrap().status(), record.status()), (StatusCode::GATEWAY_TIMEOUT, Some(504)));
    assert_eq!(record.outcome().kind(), OutcomeKind::Completed);
    let (record, response) = row(|ours| ServiceBuilder::new().layer(soon()).layer(ours).service_fn(slow)).await;
    assert_eq!(response.unwrap().status(), StatusCode::GATEWAY_TIMEOUT);
    let found = (record.status(), record.outcome().kind());
    assert_eq!(found, (Some(499), OutcomeKind::Cancelled), "not to be told from a client that disconnects");
}

#[tokio::test]
async fn panic_outside_of_the_layer_is_no_disconnected_client() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let service = ServiceBuilder::new().layer(OpenCensusLayer::new(telemetry.clone())).service_fn(slow);
    let request = Request::get("/users/7").body(Body::empty()).unwrap();
    let task = tokio::spawn(async move {
        let mut response = std::pin::pin!(service.oneshot(request));
        assert!(futures_util::poll!(&mut response).is_pending());
        panic!("a layer outside is on fire");
    });
    assert!(task.await.unwrap_err().is_panic());
    let record = &ended(&telemetry, &exporter, 1).await[0];
    assert_eq!((record.status(), record.outcome().kind()), (Some(500), OutcomeKind::Panicked));
    assert_eq!(record.outcome().detail(), Some("a panic outside of the layer"));
}

/// Tests in which a layer rejects a request: a response inside, and no row outside.
macro_rules! rejected {
    ($($name:ident: $status:literal, $layer:expr, $request:expr;)*) => {$(
        #[tokio::test]
        async fn $name() {
            let (telemetry, exporter) = in_memory(Settings::default());
            let ours = || OpenCensusLayer::new(telemetry.clone());
            let outside = Router::new().route("/users/{id}", any(shop)).layer(ours()).layer($layer);
            assert_eq!(outside.oneshot($request).await.unwrap().status(), $status);
            assert_eq!(telemetry.stats().requests.started(), 0, "the outer layer responds");
            let inside = Router::new().route("/users/{id}", any(shop)).layer($layer).layer(ours());
            let response = inside.oneshot($request).await.unwrap();
            assert_eq!(response.status(), $status);
            axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let rows = ended(&telemetry, &exporter, 1).await;
            assert_eq!((rows[0].status(), rows[0].name()), (Some($status), "POST /users/{id}".into()));
        }
    )*};
}

#[expect(clippy::result_large_err, reason = "the layer's type")]
fn unauthorized(_: &mut Request<Body>) -> Result<(), Response<Body>> {
    Err(Response::builder().status(401).body(Body::empty()).unwrap())
}

fn post(length: &str) -> Request<Body> {
    Request::post("/users/7").header("content-length", length).body(Body::from("x")).unwrap()
}

mod rejection_has_a_row_only_inside_of_the_layer {
    use super::*;

    rejected! {
        body_limit: 413, tower_http::limit::RequestBodyLimitLayer::new(10), post("5000");
        authorization: 401, ValidateRequestHeaderLayer::custom(unauthorized), post("1");
    }
}

#[tokio::test]
async fn preflight_has_a_row_only_inside_of_the_layer() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let ours = || OpenCensusLayer::new(telemetry.clone());
    let cors = tower_http::cors::CorsLayer::permissive;
    let router = || Router::new().route("/users/{id}", any(shop));
    let preflight = || {
        let request = Request::options("/users/7").header("origin", "http://shop.example");
        request.header("access-control-request-method", "PUT").body(Body::empty()).unwrap()
    };
    router().layer(ours()).layer(cors()).oneshot(preflight()).await.unwrap();
    assert_eq!(telemetry.stats().requests.started(), 0);
    router().layer(cors()).layer(ours()).oneshot(preflight()).await.unwrap();
    assert_eq!(ended(&telemetry, &exporter, 1).await[0].name(), "OPTIONS /users/{id}");
}

#[tokio::test]
async fn shed_request_is_an_error_inside_and_has_no_row_outside() {
    let shed = || tower::load_shed::LoadShedLayer::new();
    let full = || tower::limit::GlobalConcurrencyLimitLayer::with_semaphore(Arc::new(Semaphore::new(0)));
    let (record, response) =
        row(|ours| ServiceBuilder::new().layer(ours).layer(shed()).layer(full()).service_fn(shop)).await;
    assert!(response.is_err());
    assert_eq!((record.status(), record.outcome().detail()), (Some(500), Some("Overloaded")));
    let (telemetry, _) = in_memory(Settings::default());
    let ours = OpenCensusLayer::new(telemetry.clone());
    let service = ServiceBuilder::new().layer(shed()).layer(ours).layer(full()).service_fn(shop);
    assert!(service.oneshot(Request::new(Body::empty())).await.is_err());
    assert_eq!(telemetry.stats().requests.started(), 0);
}

#[tokio::test]
async fn request_id_outside_is_captured_and_inside_is_not() {
    let name = HeaderName::from_static("x-request-id");
    let set = || SetRequestIdLayer::new(name.clone(), MakeRequestUuid);
    let captured = async |is_outside: bool| {
        let (telemetry, exporter) =
            in_memory(Settings::default().with(|s| s.trace.request_headers = vec!["x-request-id".to_owned()]));
        let ours = OpenCensusLayer::new(telemetry.clone());
        let router = Router::new().route("/", any(shop));
        let app = if is_outside { router.layer(ours).layer(set()) } else { router.layer(set()).layer(ours) };
        let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
        axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        ended(&telemetry, &exporter, 1).await[0].attributes().len()
    };
    assert_eq!((captured(true).await, captured(false).await), (1, 0));
}

/// A server whose router is inside of a layer that changes the path.
#[tokio::test]
async fn layer_around_normalize_path_around_the_router_knows_the_route() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let ours = OpenCensusLayer::new(telemetry.clone());
    let router = Router::new().route("/users/{id}", get(async || "user")).layer(ours.clone());
    let app = ServiceBuilder::new()
        .map_response(|response: Response<_>| response.map(Body::new))
        .layer(ours)
        .layer(NormalizePathLayer::trim_trailing_slash())
        .service(router);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, AxumServiceExt::<Request<Body>>::into_make_service(app)).into_future());
    let response = test_support::client::get(address, "/users/7/").await;
    assert!(response.ends_with("user"), "{response}");
    let record = &ended(&telemetry, &exporter, 1).await[0];
    assert_eq!((record.name(), record.path()), ("GET /users/{id}".into(), "/users/7/".into()));
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

/// A body that panics when the middleware asks for its length.
struct Broken;

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        panic!("no length")
    }
}

#[tokio::test]
async fn panic_of_a_response_that_is_read_ends_the_request_though_the_future_lives_on() {
    async fn broken(_: Request<Body>) -> Result<Response<Broken>, Infallible> {
        Ok(Response::new(Broken))
    }
    let (telemetry, exporter) = in_memory(Settings::default());
    let mut service = OpenCensusLayer::new(telemetry.clone()).layer(service_fn(broken));
    let mut future = Box::pin(service.call(Request::new(Body::empty())));
    let poll = || future.as_mut().poll(&mut Context::from_waker(Waker::noop())).map(drop);
    assert!(std::panic::catch_unwind(AssertUnwindSafe(poll)).is_err());
    drop(future);
    assert_eq!(ended(&telemetry, &exporter, 1).await[0].outcome().kind(), OutcomeKind::Panicked);
}

#[tokio::test]
async fn route_template_is_recorded_wherever_the_layer_is() {
    let users = || Router::new().route("/{id}", get(|| async { LONG }));
    type Make = fn(OpenCensusLayer, Router) -> Router;
    let places: [(&str, Make, &str); 6] = [
        ("around the routes", |ours, users| Router::new().nest("/users", users).layer(ours), "GET /users/{id}"),
        ("inside a nest", |ours, users| Router::new().nest("/users", users.layer(ours)), "GET /users/{id}"),
        ("route_layer", |ours, users| Router::new().nest("/users", users).route_layer(ours), "GET /users/{id}"),
        ("nest_service", |ours, users| Router::new().nest_service("/users", users).layer(ours), "GET /users/*"),
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
