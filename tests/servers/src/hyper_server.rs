//! The routes on hyper, without a router.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use opencensus::{OpenCensusLayer, PeerAddress, RequestTelemetry, Telemetry};
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};

use crate::chunks::Chunks;
use crate::{HandlerError, Shop};

type Body = UnsyncBoxBody<Bytes, Infallible>;
type RouteResult = Result<Response<Body>, HandlerError>;

/// Serves until `stop` is ready.
///
/// # Errors
///
/// Fails if the listener fails.
pub async fn serve(
    listener: TcpListener,
    shop: Shop,
    telemetry: Telemetry,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // Too many open files, or a client that has disconnected: the next connection may succeed.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let shop = shop.clone();
        let service = ServiceBuilder::new()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(PeerAddress(peer));
                request
            })
            .layer(OpenCensusLayer::new(telemetry.clone()))
            .service(service_fn(move |request| handle(shop.clone(), request)));
        let builder = Builder::new(TokioExecutor::new());
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A disconnected client is not an error of the server.
            let _ = connection.await;
        });
    }
    graceful.shutdown().await;
    Ok(())
}

async fn handle(shop: Shop, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let result = route(shop, request).await;
    Ok(result.unwrap_or_else(|HandlerError(message)| text(StatusCode::INTERNAL_SERVER_ERROR, message)))
}

async fn route(shop: Shop, request: Request<Incoming>) -> RouteResult {
    let path = request.uri().path().to_owned();
    let (template, rest) = template(&path);
    if let Some(template) = template {
        RequestTelemetry::current().set_route(template);
    }
    let method = request.method();
    let (get, post) = (matches!(*method, Method::GET | Method::HEAD), *method == Method::POST);
    let changes = matches!(*method, Method::POST | Method::PUT | Method::DELETE);
    let ok = |body: String| Ok(text(StatusCode::OK, body));
    match template {
        Some("/") if get || post => ok("home".to_owned()),
        Some("/users/{id}") if get || changes => ok(format!("user {rest}")),
        Some("/u/{name}") if get => ok(format!("user {rest}")),
        Some("/health" | "/healthz") if get => ok("ok".to_owned()),
        Some("/forbidden") if get => Ok(text(StatusCode::FORBIDDEN, "")),
        Some("/bad") if get => Ok(text(StatusCode::BAD_REQUEST, "")),
        Some("/fail") if get => Err(HandlerError("no stock".to_owned())),
        Some("/boom") if get => panic!("the shop is on fire"),
        Some("/unavailable") if get => Ok(text(StatusCode::SERVICE_UNAVAILABLE, "")),
        Some("/redirect") if get => Ok(redirect("/")),
        Some("/slow") if get => {
            tokio::time::sleep(Duration::from_millis(120)).await;
            ok("done".to_owned())
        }
        Some("/stream") if get => Ok(Response::new(Chunks::new().boxed_unsync())),
        Some("/events") if get => Ok(events()),
        Some("/hang") if get => std::future::pending().await,
        Some("/out" | "/health-out") if get => {
            let url = shop.out_url.as_deref().ok_or_else(|| HandlerError("OUT_URL is not set".to_owned()))?;
            Ok(Response::new(Full::new(shop.outgoing.get(url).await?).boxed_unsync()))
        }
        Some("/trace-context-test") if post => {
            let calls = request.into_body().collect().await.map_err(|error| HandlerError(error.to_string()))?;
            shop.outgoing.call_all(&calls.to_bytes()).await?;
            ok(String::new())
        }
        Some(_) => Ok(text(StatusCode::METHOD_NOT_ALLOWED, "")),
        None => Ok(text(StatusCode::NOT_FOUND, "")),
    }
}

/// The route template that a path matches, and the value of its parameter.
fn template(path: &str) -> (Option<&'static str>, &str) {
    const PLAIN: [&str; 16] = [
        "/",
        "/health",
        "/healthz",
        "/health-out",
        "/forbidden",
        "/bad",
        "/fail",
        "/boom",
        "/unavailable",
        "/redirect",
        "/slow",
        "/stream",
        "/events",
        "/hang",
        "/out",
        "/trace-context-test",
    ];
    let parameter = |prefix| path.strip_prefix(prefix).filter(|rest: &&str| !rest.is_empty() && !rest.contains('/'));
    if let Some(id) = parameter("/users/") {
        (Some("/users/{id}"), id)
    } else if let Some(name) = parameter("/u/") {
        (Some("/u/{name}"), name)
    } else {
        (PLAIN.into_iter().find(|plain| *plain == path), "")
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(body.into()).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

fn events() -> Response<Body> {
    let mut response = Response::new(Chunks::events().boxed_unsync());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response
}

fn redirect(location: &'static str) -> Response<Body> {
    let mut response = text(StatusCode::FOUND, "");
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(location));
    response
}
