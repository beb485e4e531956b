//! Handlers read the trace and record attributes, names and failures through `RequestTelemetry`.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use opencensus::observers::GrpcStatus;
use opencensus::sampling::SamplerSetting;
use opencensus::{OpenCensusLayer, RequestTelemetry, Settings, SpanStatus, Value};
use opencensus_portal::{Filter, Portal};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{SettingsExt as _, ended, in_memory};
use test_support::TIMEOUT;

fn request() -> Request<Body> {
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    Request::get("/users/7").header("traceparent", traceparent).body(Body::empty()).unwrap()
}

fn record(telemetry: &RequestTelemetry) {
    telemetry.set_attribute("shop.user", 7);
    telemetry.set_name("show user");
    telemetry.set_user("alice");
    telemetry.set_session("s1");
    telemetry.set_failed("out of stock");
}

async fn call<S>(service: S, request: Request<Body>)
where
    S: tower::Service<Request<Body>, Error = Infallible>,
    S::Response: ReadBody,
{
    service.oneshot(request).await.unwrap().read().await;
}

/// Reads a response's body to its end.
trait ReadBody {
    fn read(self) -> impl Future<Output = ()>;
}

impl<B: http_body::Body> ReadBody for Response<B>
where
    B::Error: std::fmt::Debug,
{
    async fn read(self) {
        self.into_body().collect().await.unwrap();
    }
}

#[tokio::test]
async fn extractor_and_extension_record_the_same() {
    for is_axum in [true, false] {
        let (telemetry, exporter) = in_memory(Settings::default());
        let layer = OpenCensusLayer::new(telemetry.clone());
        if is_axum {
            let handler = |telemetry: RequestTelemetry| async move {
                assert_eq!(telemetry.trace_id().as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
                record(&telemetry);
            };
            call(Router::new().route("/users/{id}", get(handler)).layer(layer).with_state(()), request()).await;
        } else {
            let handler = service_fn(|request: Request<Body>| async move {
                let telemetry = RequestTelemetry::of(request.extensions());
                telemetry.set_route("/users/{id}");
                record(&telemetry);
                Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
            });
            call(layer.layer(handler), request()).await;
        }
        let record = ended(&telemetry, &exporter, 1).await.remove(0);
        assert_eq!((record.name(), record.route().as_deref()), ("show user".into(), Some("/users/{id}")));
        assert_eq!(*record.span_status(), SpanStatus::Error("out of stock".into()));
        let attributes: Vec<_> = record.attributes().iter().map(|pair| (&*pair.key, pair.value.clone())).collect();
        let expected = [("shop.user", Value::I64(7)), ("user.id", "alice".into()), ("session.id", "s1".into())];
        assert_eq!(attributes, expected, "axum: {is_axum}");
    }
}

#[tokio::test]
async fn spawned_task_records_until_the_request_ends() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let handler = |telemetry: RequestTelemetry| async move {
        let clone = telemetry.clone();
        tokio::spawn(async move { clone.set_attribute("from", "a task") }).await.unwrap();
        assert!(RequestTelemetry::current().span_id() == telemetry.span_id());
    };
    let app = Router::new().route("/users/{id}", get(handler)).layer(OpenCensusLayer::new(telemetry.clone()));
    call(app.with_state(()), request()).await;
    assert_eq!(ended(&telemetry, &exporter, 1).await[0].attributes()[0].value, "a task".into());
}

#[tokio::test]
async fn handle_of_an_unrecorded_request_accepts_calls() {
    let settings = Settings::default().with_sampler(SamplerSetting::AlwaysOff);
    let (telemetry, exporter) = in_memory(settings);
    let handler = |telemetry: RequestTelemetry| async move {
        assert_eq!(telemetry.trace_id().as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        assert!(telemetry.span().is_none());
        record(&telemetry);
    };
    let app = Router::new().route("/users/{id}", get(handler)).layer(OpenCensusLayer::new(telemetry.clone()));
    call(app.with_state(()), request()).await;
    assert!(telemetry.flush(TIMEOUT).await.complete && exporter.requests().is_empty());
    assert!(RequestTelemetry::current().context().is_none(), "outside a request");
}

#[tokio::test]
async fn extractor_passes_the_route_to_a_layer_around_the_router() {
    for is_extracted in [true, false] {
        let (telemetry, exporter) = in_memory(Settings::default());
        let router = if is_extracted {
            Router::new().route("/users/{id}", get(|_: RequestTelemetry| async {}))
        } else {
            Router::new().route("/users/{id}", get(|| async {}))
        };
        call(OpenCensusLayer::new(telemetry.clone()).layer(router.with_state(())), request()).await;
        let name = if is_extracted { "GET /users/{id}" } else { "GET" };
        assert_eq!(ended(&telemetry, &exporter, 1).await[0].name(), name);
    }
}

#[tokio::test]
async fn discarded_request_leaves_no_row() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let app = Router::new()
        .route("/users/{id}", get(|telemetry: RequestTelemetry| async move { telemetry.discard() }))
        .layer(OpenCensusLayer::new(telemetry.clone()));
    call(app.with_state(()), request()).await;
    let report = telemetry.flush(TIMEOUT).await;
    assert!(exporter.requests().is_empty());
    assert_eq!((report.stats.accepted, report.stats.discarded), (0, 1));
}

#[tokio::test]
async fn user_and_session_are_tags_and_not_properties() {
    let portal = Portal::start().unwrap();
    let settings =
        Settings::default().with_store(false).with_connection_string(portal.connection_string().parse().unwrap());
    let telemetry = settings.start().unwrap();
    let app = Router::new()
        .route("/users/{id}", get(|telemetry: RequestTelemetry| async move { record(&telemetry) }))
        .layer(OpenCensusLayer::new(telemetry.clone()));
    call(app.with_state(()), request()).await;
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
    let envelope = portal.items(Filter::requests(), 1).await.unwrap()[0].envelope();
    let tags = &envelope["tags"];
    assert_eq!((&tags["ai.user.authUserId"], &tags["ai.session.id"]), (&"alice".into(), &"s1".into()));
    let data = &envelope["data"]["baseData"];
    assert_eq!(data["properties"], serde_json::json!({ "shop.user": "7", "error.message": "out of stock" }));
    assert_eq!((&data["name"], &data["success"]), (&"show user".into(), &false.into()));
}

#[tokio::test]
async fn event_stream_ends_with_its_head_or_its_last_byte() {
    for to_the_end in [false, true] {
        let (telemetry, exporter) =
            in_memory(Settings::default().with(|s| s.trace.event_streams_to_the_end = to_the_end));
        let handler = || async {
            let events = futures_util::stream::iter([Ok::<_, Infallible>("data: 1\n\n"), Ok("data: 2\n\n")]);
            Response::builder().header("content-type", "text/event-stream").body(Body::from_stream(events)).unwrap()
        };
        let app = Router::new().route("/users/{id}", get(handler)).layer(OpenCensusLayer::new(telemetry.clone()));
        let response = app.oneshot(request()).await.unwrap();
        assert_eq!(telemetry.stats().accepted, u64::from(!to_the_end));
        response.into_body().collect().await.unwrap();
        let record = ended(&telemetry, &exporter, 1).await.remove(0);
        assert_eq!(record.outcome().kind(), opencensus::OutcomeKind::Completed);
    }
}

#[tokio::test]
async fn response_carries_its_trace_if_configured() {
    for (is_configured, sampler, flags) in [
        (false, SamplerSetting::AlwaysOn, ""),
        (true, SamplerSetting::AlwaysOn, "01"),
        (true, SamplerSetting::AlwaysOff, "00"),
    ] {
        let (telemetry, _) =
            in_memory(Settings::default().with(|s| s.trace.trace_response = is_configured).with_sampler(sampler));
        let app = Router::new().route("/users/{id}", get(|| async {})).layer(OpenCensusLayer::new(telemetry));
        let response = app.oneshot(request()).await.unwrap();
        let header = response.headers().get("traceresponse").map(|value| value.to_str().unwrap());
        assert_eq!(header.is_some(), is_configured);
        if let Some(header) = header {
            let is_own =
                header.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && !header.contains("00f067aa0ba902b7");
            assert!(is_own && header.ends_with(flags), "{header}");
        }
    }
}

#[tokio::test]
async fn grpc_status_of_trailers_or_head_is_recorded() {
    for (code, in_trailers, http_status) in [("0", true, 200), ("5", true, 404), ("13", true, 500), ("14", false, 503)]
    {
        let (telemetry, exporter) = in_memory(Settings::default());
        let handler = move || async move {
            let mut response = Response::builder().header("content-type", "application/grpc");
            let mut frames = Vec::new();
            if in_trailers {
                let mut trailers = http::HeaderMap::new();
                trailers.insert("grpc-status", code.parse().unwrap());
                trailers.insert("grpc-message", "out of stock".parse().unwrap());
                frames.push(Ok::<_, Infallible>(http_body::Frame::data(Bytes::from_static(b"data"))));
                frames.push(Ok(http_body::Frame::trailers(trailers)));
            } else {
                response = response.header("grpc-status", code);
            }
            let body = http_body_util::StreamBody::new(futures_util::stream::iter(frames));
            response.body(Body::new(body)).unwrap()
        };
        let app = Router::new().route("/users/{id}", post(handler)).layer(OpenCensusLayer::new(telemetry.clone()));
        call(app.with_state(()), grpc_call()).await;
        let record = ended(&telemetry, &exporter, 1).await.remove(0);
        assert_eq!(record.grpc_status(), Some(GrpcStatus::new(code.parse().unwrap())));
        assert_eq!((record.status(), record.effective_status()), (Some(200), Some(http_status)));
        assert_eq!(matches!(record.span_status(), SpanStatus::Error(_)), http_status >= 500, "{code}");
        assert_eq!((record.has_succeeded(false), record.has_succeeded(true)), (http_status < 400, http_status < 500));
    }
}

/// gRPC calls are POST requests; responses to other methods are not checked for a status.
fn grpc_call() -> http::Request<Body> {
    let mut request = request();
    *request.method_mut() = http::Method::POST;
    request
}

#[tokio::test]
async fn grpc_status_is_read_after_data_of_known_length() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let handler = || async {
        let trailers = http::HeaderMap::from_iter([("grpc-status".parse().unwrap(), "13".parse().unwrap())]);
        let data = http_body_util::Full::new(Bytes::from_static(b"data"));
        let body = data.with_trailers(std::future::ready(Some(Ok::<_, Infallible>(trailers))));
        Response::builder().header("content-type", "application/grpc").body(Body::new(body)).unwrap()
    };
    let app = Router::new().route("/users/{id}", post(handler)).layer(OpenCensusLayer::new(telemetry.clone()));
    call(app.with_state(()), grpc_call()).await;
    let record = ended(&telemetry, &exporter, 1).await.remove(0);
    assert_eq!(record.grpc_status(), Some(GrpcStatus::new(13)));
    assert!(!record.has_succeeded(false));
}
