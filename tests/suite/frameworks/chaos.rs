//! Requests end in random ways, and each leaves exactly one correct row.
//!
//! `CASES=50000` sends 50,000 requests; the seed is printed.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::Body as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use opencensus::core::ExceptionRecord;
use opencensus::{OpenCensusLayer, OutcomeKind, RequestRecord, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, Service, service_fn};

use crate::support::SettingsExt as _;
use crate::support::in_memory;
use crate::support::server::Framework;
use test_support::TIMEOUT;
use test_support::random::{Random, cases};

/// How a request ends.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum End {
    Ok,
    NotFound,
    Unavailable,
    Head,
    NoContent,
    Stream,
    /// The service returns an error, which is possible with hyper alone.
    Error,
    Panic,
    /// The body fails midway.
    BrokenBody,
    /// The client disconnects before the response.
    GiveUp,
    /// The client disconnects during the response.
    Leave,
}

const ENDS: [End; 11] = [
    End::Ok,
    End::NotFound,
    End::Unavailable,
    End::Head,
    End::NoContent,
    End::Stream,
    End::Error,
    End::Panic,
    End::BrokenBody,
    End::GiveUp,
    End::Leave,
];

impl End {
    fn of(path: &str) -> Self {
        let name = path.split('/').nth(2).unwrap();
        *ENDS.iter().find(|end| format!("{end:?}") == name).unwrap()
    }

    fn row(self) -> (u16, OutcomeKind) {
        match self {
            Self::Ok | Self::Head | Self::Stream => (200, OutcomeKind::Completed),
            Self::NotFound => (404, OutcomeKind::Completed),
            Self::Unavailable => (503, OutcomeKind::Completed),
            Self::NoContent => (204, OutcomeKind::Completed),
            Self::Error => (500, OutcomeKind::Error),
            Self::Panic => (500, OutcomeKind::Panicked),
            Self::BrokenBody => (200, OutcomeKind::Error),
            Self::GiveUp => (499, OutcomeKind::Cancelled),
            Self::Leave => (200, OutcomeKind::Aborted),
        }
    }

    fn method(self) -> Method {
        if self == Self::Head { Method::HEAD } else { Method::GET }
    }
}

#[derive(Debug)]
struct Failure;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failure")
    }
}

impl std::error::Error for Failure {}

/// The paths of requests whose handlers have started.
type Begun = Arc<Mutex<HashSet<String>>>;

async fn respond(request: Request<Body>, begun: Begun) -> Result<Response<Body>, Failure> {
    let end = End::of(request.uri().path());
    if end == End::GiveUp {
        begun.lock().unwrap().insert(request.uri().path().to_owned());
    }
    let status = StatusCode::from_u16(end.row().0).unwrap();
    let body = match end {
        End::Error => return Err(Failure),
        End::Panic => panic!("chaos"),
        End::GiveUp => std::future::pending().await,
        End::NoContent => Body::empty(),
        End::Stream => chunks(3, false, Duration::from_millis(1)),
        End::BrokenBody => chunks(2, true, Duration::ZERO),
        // More than the socket's buffers hold.
        End::Leave => chunks(10_000, false, Duration::from_micros(100)),
        _ => Body::from("a response"),
    };
    Ok(Response::builder().status(status).body(body).unwrap())
}

/// Chunks with pauses between them, with or without an error at the end.
fn chunks(count: usize, breaks: bool, pause: Duration) -> Body {
    let stream = futures_util::stream::unfold(0, move |at| async move {
        if at > 0 && !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        match at {
            at if at < count => Some((Ok(Bytes::from_static(&[b'x'; 4096])), at + 1)),
            at if at == count && breaks => Some((Err(Failure), at + 1)),
            _ => None,
        }
    });
    Body::from_stream(stream)
}

/// Serves every connection until the test's runtime ends.
async fn serve<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<hyper::body::Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: std::error::Error + Send + Sync,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new()).http1_only();
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

/// Sends a request and ends it in the given way. Returns how long it took for the client, if the client received the end.
async fn send(address: SocketAddr, id: usize, end: End, handled: &Begun) -> Option<Duration> {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{} /chaos/{end:?}/{id} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n", end.method());
    stream.write_all(head.as_bytes()).await.unwrap();
    match end {
        End::GiveUp => {
            let path = format!("/chaos/{end:?}/{id}");
            while !handled.lock().unwrap().contains(&path) {
                assert!(begun.elapsed() < TIMEOUT, "{path}");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            None
        }
        End::Leave => {
            assert_ne!(stream.read(&mut [0; 512]).await.unwrap(), 0);
            None
        }
        _ => {
            let mut response = Vec::new();
            let read = tokio::time::timeout(TIMEOUT, stream.read_to_end(&mut response)).await;
            let _ = read.expect("the server neither responds nor closes the connection");
            Some(begun.elapsed())
        }
    }
}

const CLIENTS: usize = 16;

/// The same responses in actix-web.
fn serve_actix(layer: OpenCensusLayer, begun: Begun) -> (SocketAddr, actix_web::dev::ServerHandle) {
    use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
    let app = move || {
        let begun = Arc::clone(&begun);
        let handler = move |request: HttpRequest| {
            let begun = Arc::clone(&begun);
            async move {
                let request = Request::get(request.uri().path()).body(Body::empty()).unwrap();
                let (head, body) = respond(request, begun).await?.into_parts();
                let status = actix_web::http::StatusCode::from_u16(head.status.as_u16()).unwrap();
                Ok::<_, Failure>(HttpResponse::build(status).body(ActixBody(body)))
            }
        };
        App::new().wrap(layer.clone()).service(web::resource("/chaos/{end}/{id}").route(web::route().to(handler)))
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = HttpServer::new(app).workers(2).h1_allow_half_closed(false).disable_signals();
    let server = server.listen(listener).unwrap().run();
    let handle = server.handle();
    tokio::spawn(server);
    (address, handle)
}

impl actix_web::ResponseError for Failure {
    fn status_code(&self) -> actix_web::http::StatusCode {
        actix_web::http::StatusCode::BAD_GATEWAY
    }
}

/// Converts axum's body to actix-web's.
struct ActixBody(Body);

impl MessageBody for ActixBody {
    type Error = axum::Error;

    fn size(&self) -> BodySize {
        self.0.size_hint().exact().map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.0).poll_frame(cx));
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default())))
    }
}

/// Starts a server. The handle is that of actix-web, whose server does not end with the test's runtime.
async fn start(
    framework: Framework,
    layer: OpenCensusLayer,
    begun: Begun,
) -> (SocketAddr, Option<actix_web::dev::ServerHandle>) {
    match framework {
        Framework::Actix => {
            let (address, handle) = serve_actix(layer, begun);
            (address, Some(handle))
        }
        Framework::Axum => {
            let handler = move |request: Request<Body>| {
                let response = respond(request, Arc::clone(&begun));
                async { response.await.map_err(|_| StatusCode::BAD_GATEWAY) }
            };
            let router = Router::new().route("/chaos/{end}/{id}", axum::routing::any(handler));
            (serve(router.layer(layer).with_state::<()>(())).await, None)
        }
        Framework::Hyper => {
            let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                respond(request.map(Body::new), Arc::clone(&begun))
            });
            (serve(layer.layer(service)).await, None)
        }
    }
}

async fn chaos(framework: Framework) {
    let seed = std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(11);
    let count = cases(3000);
    println!("chaos: {framework:?}, {count} requests, seed {seed}");
    let (telemetry, exporter) = in_memory(Settings::default().with(|s| s.trace.request_events = Some(false)));
    let begun = Begun::default();
    let (address, server) = start(framework, OpenCensusLayer::new(telemetry.clone()), Arc::clone(&begun)).await;
    let mut random = Random::new(seed);
    let ends: Vec<_> = (0..count).map(|_| *random.pick(&ENDS)).collect();
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let mine: Vec<_> = ends.iter().copied().enumerate().skip(client).step_by(CLIENTS).collect();
        let begun = Arc::clone(&begun);
        clients.spawn(async move {
            let mut client_times = Vec::new();
            for (id, end) in mine {
                client_times.push((id, send(address, id, end, &begun).await));
            }
            client_times
        });
    }
    let client_times: HashMap<_, _> = clients.join_all().await.into_iter().flatten().collect();
    let deadline = Instant::now() + TIMEOUT;
    while telemetry.stats().requests.in_flight() > 0 || telemetry.stats().requests.started() < count as u64 {
        assert!(Instant::now() < deadline, "{:?}", telemetry.stats());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let report = telemetry.flush(TIMEOUT).await;
    assert!(report.complete && report.stats.balances(), "{report:?}");
    check(&exporter.requests(), &ends, &client_times, framework);
    check_exceptions(&exporter.requests(), &exporter.exceptions());
    if let Some(server) = server {
        server.stop(true).await;
    }
}

/// Checks that each request has one row with the expected status and outcome.
fn check(rows: &[RequestRecord], ends: &[End], client_times: &HashMap<usize, Option<Duration>>, framework: Framework) {
    assert_eq!(rows.len(), ends.len());
    let has_router = framework != Framework::Hyper;
    let mut left: HashMap<usize, End> = ends.iter().copied().enumerate().collect();
    for row in rows {
        let id = row.path().rsplit('/').next().unwrap().parse().unwrap();
        let end = left.remove(&id).unwrap_or_else(|| panic!("a second row of {id}"));
        let expected = match end {
            // With a router, a handler's error is a response.
            End::Error if has_router => (502, OutcomeKind::Completed),
            end => end.row(),
        };
        assert_eq!((row.status().unwrap(), row.outcome().kind()), expected, "{id} {end:?}");
        let name =
            if has_router { format!("{} /chaos/{{end}}/{{id}}", end.method()) } else { end.method().to_string() };
        assert_eq!(row.name(), name);
        // The client waits at least as long as the request takes.
        assert!(client_times[&id].is_none_or(|waited| row.duration() <= waited), "{id} {end:?} {:?}", row.duration());
        assert!(end != End::Stream || row.duration() >= Duration::from_millis(2), "{id} {:?}", row.duration());
    }
    assert!(left.is_empty());
}

/// Checks that each request that an error or a panic ended has one exception. With a router, an error of a handler is a
/// response, which has its error only in actix-web.
fn check_exceptions(rows: &[RequestRecord], errors: &[ExceptionRecord]) {
    let of_requests: HashSet<_> = errors.iter().map(|error| error.origin.context.unwrap().span_id()).collect();
    assert_eq!(of_requests.len(), errors.len(), "a second exception of a request");
    for row in rows {
        let has_exception = of_requests.contains(&row.context().span_id());
        let has_failed = matches!(row.outcome().kind(), OutcomeKind::Error | OutcomeKind::Panicked);
        assert!(has_exception == has_failed || row.status() == Some(502), "{row:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_end_leaves_one_correct_row_in_actix() {
    chaos(Framework::Actix).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_end_leaves_one_correct_row_in_axum() {
    chaos(Framework::Axum).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_end_leaves_one_correct_row_in_hyper() {
    chaos(Framework::Hyper).await;
}

#[tokio::test]
async fn random_paths_methods_and_hosts_give_few_operation_names() {
    let (telemetry, exporter) = in_memory(Settings::default().with(|s| s.trace.request_events = Some(false)));
    let router = Router::new()
        .route("/users/{id}", axum::routing::any(|| async {}))
        .route("/", axum::routing::any(|| async {}))
        .layer(OpenCensusLayer::new(telemetry.clone()))
        .with_state::<()>(());
    let mut random = Random::new(5);
    let count = cases(10_000);
    for n in 0..count {
        let method = match random.below(4) {
            0 => Method::from_bytes(format!("M{:x}", random.next()).as_bytes()).unwrap(),
            1 => Method::POST,
            _ => Method::GET,
        };
        let path = match random.below(3) {
            0 => format!("/users/{}", random.next()),
            1 => format!("/{:x}/{:x}", random.next(), random.next()),
            _ => "/".to_owned(),
        };
        let host = format!("h{:x}.example", random.next());
        let request = Request::builder().method(method).uri(path).header("host", host).body(Body::empty()).unwrap();
        let response = tower::ServiceExt::oneshot(router.clone(), request).await;
        let response: Result<_, Infallible> = response;
        drop(response);
        if n % 5000 == 0 {
            assert!(telemetry.flush(TIMEOUT).await.complete);
        }
    }
    assert!(telemetry.flush(TIMEOUT).await.complete);
    let requests = exporter.requests();
    let names: std::collections::HashSet<_> = requests.iter().map(|record| record.name().into_owned()).collect();
    assert_eq!(requests.len(), count);
    // Two routes and no route, each with GET, POST and `_OTHER`.
    assert_eq!(names.len(), 9, "{names:?}");
}
