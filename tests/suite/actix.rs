//! Behaviour that is specific to actix-web: its routes, errors, bodies and extractors.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use actix_web::body::{self, BodySize, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, HeaderName, HeaderValue};
use actix_web::middleware::{Compress, Condition, NormalizePath};
use actix_web::test::{TestRequest, call_service, init_service, try_call_service};
use actix_web::web::{self, Bytes};
use actix_web::{App, Error, HttpMessage as _, HttpResponse, ResponseError, error, guard};
use opencensus::actix::AppExt as _;
use opencensus::sampling::{RateRule, SamplerSetting, SamplingRate};
use opencensus::security::Suspicion;
use opencensus::settings::CustomObserver;
use opencensus::{
    Observer, OpenCensusLayer, OutcomeKind, RequestRecord, RequestSpan, RequestTelemetry, ResponseEvent, Settings,
    Telemetry,
};
use opentelemetry::trace::TraceContextExt as _;

use crate::support::{SettingsExt as _, ended, in_memory};

/// Keeps responses as `status suspicion method path reason`.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Observer for Recorder {
    fn on_response(&self, event: &ResponseEvent<'_>) {
        let ResponseEvent { status, method, path, reason, .. } = event;
        let suspicion = event.suspicion.unwrap_or("-");
        self.0.lock().unwrap().push(format!("{status} {suspicion} {method} {path} {reason}"));
    }
}

/// Sends one request to an application, reads the response to its end, and returns the request's row.
macro_rules! row {
    ($app:expr, $telemetry:expr, $request:expr) => {{
        let (telemetry, exporter) = &$telemetry;
        let app = init_service($app).await;
        let before = exporter.requests().len();
        let response = try_call_service(&app, $request.to_request()).await;
        if let Ok(response) = response {
            let _ = body::to_bytes(response.into_body()).await;
        }
        ended(telemetry, exporter, before + 1).await.remove(before)
    }};
}

fn layer(telemetry: &Telemetry) -> OpenCensusLayer {
    OpenCensusLayer::new(telemetry.clone())
}

async fn ok() -> &'static str {
    "ok"
}

fn facts(row: &RequestRecord) -> (String, Option<u16>, OutcomeKind) {
    (row.name().into_owned(), row.status(), row.outcome().kind())
}

fn completed(name: &str, status: u16) -> (String, Option<u16>, OutcomeKind) {
    (name.to_owned(), Some(status), OutcomeKind::Completed)
}

#[actix_web::test]
async fn wrap_and_layer_behave_the_same() {
    let telemetry = in_memory(Settings::default());
    let wrapped = App::new().wrap(layer(&telemetry.0)).route("/users/{id}", web::get().to(ok));
    let wrapped = row!(wrapped, telemetry, TestRequest::with_uri("/users/7"));
    let layered = App::new().layer(layer(&telemetry.0)).route("/users/{id}", web::get().to(ok));
    let layered = row!(layered, telemetry, TestRequest::with_uri("/users/7"));
    assert_eq!(facts(&wrapped), completed("GET /users/{id}", 200));
    assert_eq!(facts(&wrapped), facts(&layered));
}

#[actix_web::test]
async fn route_template_is_recorded_for_every_kind_of_route() {
    fn routes(config: &mut web::ServiceConfig) {
        let inner = web::scope("/{version}").route("/items/{id}", web::get().to(ok));
        let guarded = web::scope("/guarded").guard(guard::Header("x-tenant", "blue")).route("/{id}", web::get().to(ok));
        config
            .service(web::scope("/api").service(guarded).service(inner))
            .service(web::resource("/only-get").route(web::get().to(ok)))
            .service(web::resource(["/a/{x}", "/b/{x}"]).to(ok))
            .service(web::resource("/tail/{rest:.*}").to(ok))
            .default_service(web::to(HttpResponse::NotFound));
    }
    let telemetry = in_memory(Settings::default());
    for (method, path, name, status) in [
        ("GET", "/api/v1/items/7", "GET /api/{version}/items/{id}", 200),
        ("GET", "/api/guarded/7", "GET /api/guarded/{id}", 200),
        ("GET", "/only-get", "GET /only-get", 200),
        ("POST", "/only-get", "POST /only-get", 405),
        ("GET", "/a/1", "GET /a/{x}", 200),
        ("GET", "/tail/1/2/3", "GET /tail/{rest:.*}", 200),
        ("GET", "/nowhere/7", "GET", 404),
        ("BREW", "/a/1", "_OTHER /a/{x}", 200),
    ] {
        let app = App::new().layer(layer(&telemetry.0)).configure(routes);
        let method = actix_web::http::Method::from_bytes(method.as_bytes()).unwrap();
        let request = TestRequest::with_uri(path).method(method).insert_header(("x-tenant", "blue"));
        assert_eq!(facts(&row!(app, telemetry, request)), completed(name, status), "{path}");
    }
}

#[actix_web::test]
async fn actix_middleware_outside_or_inside_leaves_one_row_with_its_route() {
    let telemetry = in_memory(Settings::default());
    let request = || TestRequest::with_uri("/users/7/").insert_header(("accept-encoding", "gzip"));
    let text = || async { "a long text ".repeat(1000) };
    let outside = App::new()
        .layer(layer(&telemetry.0))
        .wrap(NormalizePath::trim())
        .wrap(Compress::default())
        .route("/users/{id}", web::get().to(text));
    assert_eq!(facts(&row!(outside, telemetry, request())), completed("GET /users/{id}", 200));
    let inside = App::new()
        .wrap(Compress::default())
        .wrap(NormalizePath::trim())
        .layer(layer(&telemetry.0))
        .route("/users/{id}", web::get().to(text));
    let row = row!(inside, telemetry, request());
    assert_eq!(facts(&row), completed("GET /users/{id}", 200));
    assert_eq!(row.path(), "/users/7/", "the path that the client requested");
    for on in [true, false] {
        let app =
            init_service(App::new().wrap(Condition::new(on, layer(&telemetry.0))).route("/", web::get().to(ok))).await;
        assert_eq!(call_service(&app, TestRequest::default().to_request()).await.status(), 200);
    }
    ended(&telemetry.0, &telemetry.1, 3).await;
}

#[actix_web::test]
async fn layer_that_is_added_last_sees_what_other_middleware_changes_and_rejects() {
    let (telemetry, exporter) = in_memory(Settings::default());
    /// Rejects long bodies, as a proxy does.
    macro_rules! limit {
        ($app:expr) => {
            $app.wrap_fn(|request, service| {
                let length = request.headers().get("content-length").and_then(|text| text.to_str().ok()?.parse().ok());
                let is_long = length.is_some_and(|length: u64| length > 10);
                if is_long {
                    let response = request.into_response(HttpResponse::PayloadTooLarge());
                    return Box::pin(async { Ok(response) }) as Pin<Box<dyn Future<Output = Result<_, Error>>>>;
                }
                let response = service.call(request);
                Box::pin(async move { response.await.map(|response| response.map_into_boxed_body()) })
            })
        };
    }
    let app = || App::new().route("/users/{id}", web::to(ok));
    let requests = || {
        let long = TestRequest::post().uri("/users/7").insert_header(("content-length", "5000"));
        [long.to_request(), TestRequest::with_uri("/users/7/").to_request()]
    };
    let last = init_service(limit!(app().wrap(NormalizePath::trim())).layer(layer(&telemetry))).await;
    for (request, status) in requests().into_iter().zip([413, 200]) {
        let response = call_service(&last, request).await;
        assert_eq!(response.status().as_u16(), status);
        let _ = body::to_bytes(response.into_body()).await;
    }
    let rows = ended(&telemetry, &exporter, 2).await;
    let found: Vec<_> = rows.iter().map(|row| (row.status(), row.path().into_owned())).collect();
    assert_eq!(found, [(Some(413), "/users/7".to_owned()), (Some(200), "/users/7/".to_owned())]);
    let first = init_service(limit!(app().layer(layer(&telemetry)).wrap(NormalizePath::trim()))).await;
    for request in requests() {
        let _ = body::to_bytes(call_service(&first, request).await.into_body()).await;
    }
    let rows = ended(&telemetry, &exporter, 3).await;
    assert_eq!(rows[2].path(), "/users/7", "no row for the rejected one, and a path that the client did not request");
}

#[actix_web::test]
async fn services_below_a_prefix_are_named_by_the_prefix() {
    let telemetry = in_memory(Settings::default());
    for (path, name) in [
        ("/assets/actix.rs", "GET /assets/*"),
        ("/assets/no/such/file", "GET /assets/*"),
        ("/v1/files/actix.rs", "GET /v1/files/*"),
        ("/api/nothing/here", "GET /api/*"),
        ("/users/7/nothing", "GET"),
        ("/tail/1/2/3", "GET /tail/{rest:.*}"),
        ("/elsewhere", "GET"),
    ] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/suite");
        let app = App::new()
            .service(actix_files::Files::new("/assets", folder))
            .service(web::scope("/v1").service(actix_files::Files::new("/files", folder)))
            .service(web::scope("/api").route("/users", web::get().to(ok)).default_service(web::to(ok)))
            .service(web::scope("/users/{id}").route("/", web::get().to(ok)).default_service(web::to(ok)))
            .service(web::resource("/tail/{rest:.*}").to(ok))
            .wrap(layer(&telemetry.0));
        assert_eq!(row!(app, telemetry, TestRequest::with_uri(path)).name(), name, "{path}");
    }
}

#[actix_web::test]
async fn two_layers_make_one_row_in_any_place() {
    let telemetry = in_memory(Settings::default());
    let scope = web::scope("/api").wrap(layer(&telemetry.0)).route("/{id}", web::get().to(ok));
    let app = App::new().layer(layer(&telemetry.0)).service(scope);
    assert_eq!(facts(&row!(app, telemetry, TestRequest::with_uri("/api/7"))), completed("GET /api/{id}", 200));
    let resource = web::resource("/{id}").wrap(layer(&telemetry.0)).to(ok);
    let app = App::new().service(web::scope("/api").service(resource));
    assert_eq!(facts(&row!(app, telemetry, TestRequest::with_uri("/api/7"))), completed("GET /api/{id}", 200));
}

#[actix_web::test]
async fn errors_of_handlers_and_middleware_have_their_status_and_route() {
    let telemetry = in_memory(Settings::default());
    let in_handler = App::new()
        .layer(layer(&telemetry.0))
        .route("/users/{id}", web::get().to(|| async { Err::<&str, _>(error::ErrorConflict("taken")) }));
    let row = row!(in_handler, telemetry, TestRequest::with_uri("/users/7"));
    assert_eq!(facts(&row), completed("GET /users/{id}", 409));
    let in_middleware = App::new()
        .wrap_fn(|_, _| async { Err::<ServiceResponse, Error>(error::ErrorServiceUnavailable("closed")) })
        .layer(layer(&telemetry.0))
        .route("/users/{id}", web::get().to(ok));
    let row = row!(in_middleware, telemetry, TestRequest::with_uri("/users/7"));
    assert_eq!(facts(&row), completed("GET /users/{id}", 503));
    assert!(!row.has_succeeded(false));
}

/// An error of an application, with its own responses.
#[derive(Debug, thiserror::Error)]
enum StockError {
    #[error("the stock has no room {0}")]
    NoRoom(u32),
    #[error("closed")]
    Closed,
}

impl ResponseError for StockError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NoRoom(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Closed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Keeps the errors of responses as `status type message`.
#[derive(Clone, Debug, Default)]
struct ErrorRecorder(Arc<Mutex<Vec<String>>>);

impl Observer for ErrorRecorder {
    fn on_response(&self, event: &ResponseEvent<'_>) {
        let (kind, message) = (event.error_type.unwrap_or("-"), event.error.unwrap_or("-"));
        self.0.lock().unwrap().push(format!("{} {kind} {message} {}", event.status, event.route.unwrap_or("-")));
    }
}

#[actix_web::test]
async fn error_of_a_handler_or_a_middleware_reaches_the_observers() {
    for sampler in [SamplerSetting::AlwaysOn, SamplerSetting::AlwaysOff] {
        let recorder = ErrorRecorder::default();
        let observers = vec![CustomObserver::new(recorder.clone())];
        let (telemetry, _) =
            in_memory(Settings::default().with_sampler(sampler).with(|s| s.trace.observers = observers));
        let app = App::new()
            .route("/users/{id}", web::get().to(async || Err::<&str, _>(StockError::NoRoom(7))))
            .route("/text", web::get().to(async || Err::<&str, _>(error::ErrorInternalServerError("no stock"))))
            .route("/plain", web::get().to(async || HttpResponse::InternalServerError()))
            .wrap_fn(|request, service| {
                let is_closed = request.path() == "/closed";
                let response = service.call(request);
                async move { if is_closed { Err(StockError::Closed.into()) } else { response.await } }
            })
            .wrap(layer(&telemetry));
        let app = init_service(app).await;
        for path in ["/users/7", "/text", "/plain", "/closed"] {
            let _ = try_call_service(&app, TestRequest::with_uri(path).to_request()).await;
        }
        let expected = [
            "500 NoRoom the stock has no room 7 /users/{id}",
            "500 - no stock /text",
            "500 - - /plain",
            "503 Closed closed -",
        ];
        assert_eq!(*recorder.0.lock().unwrap(), expected);
    }
}

#[actix_web::test]
async fn upgrades_and_event_streams_end_with_their_head() {
    let telemetry = in_memory(Settings::default());
    let endless = || async {
        let chunks = futures_util::stream::iter([Ok::<_, Error>(Bytes::from_static(b"data: 1\n\n"))]);
        HttpResponse::Ok().content_type("text/event-stream").streaming(chunks)
    };
    let upgrade = || async { HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS).upgrade("echo").finish() };
    let app = App::new().layer(layer(&telemetry.0));
    let app = init_service(app.route("/events", web::get().to(endless)).route("/socket", web::get().to(upgrade))).await;
    for (at, path) in ["/events", "/socket"].into_iter().enumerate() {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(telemetry.0.stats().accepted, at as u64 + 1, "{path}");
        drop(response);
    }
    let rows = ended(&telemetry.0, &telemetry.1, 2).await;
    assert!(rows.iter().all(|row| row.outcome().kind() == OutcomeKind::Completed), "{rows:?}");
}

/// A body that counts the polls during which its request was current.
struct CountingBody {
    left: Cell<u32>,
    polls: Rc<Cell<u32>>,
}

impl MessageBody for CountingBody {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let is_current =
            RequestSpan::current().is_some() && opentelemetry::Context::current().span().span_context().is_valid();
        self.polls.set(self.polls.get() + u32::from(is_current));
        self.left.set(self.left.get() - 1);
        Poll::Ready((self.left.get() > 0).then(|| Ok(Bytes::from_static(b"x"))))
    }
}

#[actix_web::test]
async fn request_is_current_in_call_poll_and_body_and_in_extractor_and_extensions() {
    let telemetry = in_memory(Settings::default());
    let polls = Rc::new(Cell::new(0));
    let handler_polls = polls.clone();
    let handler = move |request: RequestTelemetry, raw: actix_web::HttpRequest| {
        let polls = handler_polls.clone();
        async move {
            tokio::task::yield_now().await;
            let own = request.trace_id();
            assert!(own.is_some() && own == RequestTelemetry::current().trace_id());
            let extension = raw.extensions().get::<Arc<RequestSpan>>().cloned().unwrap();
            assert_eq!(own, Some(extension.context().trace_id().to_string()));
            let context = opentelemetry::Context::current();
            assert_eq!(own, Some(context.span().span_context().trace_id().to_string()));
            let in_task = request.clone();
            actix_web::rt::spawn(async move { in_task.set_attribute("shop.task", true) }).await.unwrap();
            request.set_name("show user");
            HttpResponse::Ok().body(CountingBody { left: Cell::new(3), polls })
        }
    };
    let in_call = Rc::new(Cell::new(false));
    let was_called = in_call.clone();
    let app = App::new()
        .wrap_fn(move |request: ServiceRequest, service| {
            was_called.set(RequestSpan::current().is_some());
            service.call(request)
        })
        .layer(layer(&telemetry.0))
        .route("/users/{id}", web::get().to(handler));
    let row = row!(app, telemetry, TestRequest::with_uri("/users/7"));
    assert!(in_call.get() && RequestSpan::current().is_none());
    assert_eq!(polls.get(), 3);
    assert_eq!((row.name(), row.attributes().len()), ("show user".into(), 1));
}

#[actix_web::test]
async fn rate_by_route_applies_before_the_handler_is_called() {
    let none = RateRule::route("/users/{id}", SamplingRate::NONE);
    let telemetry = in_memory(Settings::default().with_rates([none]).with_sampler(SamplerSetting::AlwaysOn));
    let app = App::new().layer(layer(&telemetry.0));
    let app = app.route("/users/{id}", web::get().to(ok)).route("/u/{id}", web::get().to(ok));
    let app = init_service(app).await;
    for path in ["/users/7", "/u/7"] {
        drop(call_service(&app, TestRequest::with_uri(path).to_request()).await.into_body());
    }
    let rows = ended(&telemetry.0, &telemetry.1, 1).await;
    assert_eq!((rows[0].name(), telemetry.0.stats().sampled_out), ("GET /u/{id}".into(), 1));
}

#[actix_web::test]
async fn connection_info_is_not_trusted() {
    let request = || {
        TestRequest::default()
            .peer_addr("192.0.2.9:40000".parse().unwrap())
            .insert_header(("x-forwarded-for", "203.0.113.7"))
            .insert_header(("forwarded", "for=203.0.113.8;proto=https"))
    };
    for (proxies, client) in [(vec![], "192.0.2.9"), (vec!["192.0.2.0/24"], "203.0.113.7")] {
        let telemetry = in_memory(Settings::default().with_trusted_proxies(proxies));
        let app = App::new().layer(layer(&telemetry.0)).route("/", web::get().to(ok));
        let row = row!(app, telemetry, request());
        assert_eq!((row.client_address(), row.scheme()), (client.parse().ok(), "http".into()));
    }
}

#[actix_web::test]
async fn response_carries_its_trace_and_suspicions_reach_the_observer() {
    let recorder = Recorder::default();
    let settings = Settings::default()
        .with(|s| s.trace.trace_response = true)
        .with(|s| s.trace.observers.push(CustomObserver::new(recorder.clone())));
    let telemetry = in_memory(settings.with_sampler(SamplerSetting::AlwaysOff));
    let suspicious = || async {
        let mut response = HttpResponse::BadRequest().finish();
        response.extensions_mut().insert(Suspicion("DisallowedHost"));
        response
    };
    let app = App::new()
        .layer(layer(&telemetry.0))
        .route("/", web::get().to(suspicious))
        .route("/gone", web::get().to(HttpResponse::Gone));
    let app = init_service(app).await;
    for path in ["/", "/gone"] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert!(response.headers().contains_key("traceresponse"), "not kept, but part of a trace");
    }
    assert_eq!(*recorder.0.lock().unwrap(), ["400 DisallowedHost GET / Bad Request", "410 - GET /gone Gone"]);
}

#[actix_web::test]
async fn disabled_telemetry_passes_requests_through() {
    let app = App::new().layer(OpenCensusLayer::new(Telemetry::disabled())).route("/", web::get().to(ok));
    let response = call_service(&init_service(app).await, TestRequest::default().to_request()).await;
    assert_eq!(body::to_bytes(response.into_body()).await.unwrap(), "ok");
}

#[actix_web::test]
async fn size_of_a_body_stays_known() {
    let telemetry = in_memory(Settings::default());
    let headers = (HeaderName::from_static("x-a"), HeaderValue::from_static("b"));
    let handler = move || {
        let headers = headers.clone();
        async move { HttpResponse::Ok().insert_header(headers).content_type(ContentType::plaintext()).body("seven") }
    };
    let app = init_service(App::new().layer(layer(&telemetry.0)).route("/", web::get().to(handler))).await;
    let response = call_service(&app, TestRequest::default().to_request()).await;
    assert_eq!((response.response().body().size(), response.headers().len()), (BodySize::Sized(5), 2));
}

#[actix_web::test]
async fn route_set_by_the_handler_is_kept() {
    let telemetry = in_memory(Settings::default());
    let handler = |request: RequestTelemetry| async move {
        request.set_route("/pages/{slug}");
        "a page"
    };
    let app = App::new().layer(layer(&telemetry.0)).route("/{rest:.*}", web::get().to(handler));
    let row = row!(app, telemetry, TestRequest::with_uri("/pages/about"));
    assert_eq!(facts(&row), completed("GET /pages/{slug}", 200));
}
