//! The routes on actix-web.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer, ResponseError, Route, guard};
use http_body::Body as _;
use opencensus::actix::AppExt as _;
use opencensus::{OpenCensusLayer, Telemetry};
use tokio::net::TcpListener;

use crate::chunks::Chunks;
use crate::{HandlerError, Shop};

/// Serves over HTTP/1 and HTTP/2 until `stop` is ready. A client that closes its half of the connection counts as gone:
/// by default actix-web would continue to serve it.
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
    let app = move || App::new().configure(routes(shop.clone())).layer(OpenCensusLayer::new(telemetry.clone()));
    let server = HttpServer::new(app).workers(2).h1_allow_half_closed(false).disable_signals();
    // The drain deadline of actix-web, after which open requests end.
    let server = server.shutdown_timeout(SHUTDOWN_SECONDS);
    let server = server.listen_auto_h2c(listener.into_std()?)?.run();
    let handle = server.handle();
    let stopped = tokio::spawn(async move {
        stop.await;
        handle.stop(true).await;
    });
    let result = server.await;
    stopped.abort();
    result
}

/// The time that open requests have after `stop`.
const SHUTDOWN_SECONDS: u64 = 1;

/// The routes without the layer.
pub fn routes(shop: Shop) -> impl FnOnce(&mut web::ServiceConfig) {
    let status = |status: u16| move || async move { HttpResponse::new(code(status)) };
    move |config| {
        config
            .app_data(Data::new(shop))
            .service(on("/", get().to(async || "home")).route(web::post().to(async || "posted")))
            .service(web::resource("/users/{id}").route(of_users().to(user)))
            .service(on("/u/{name}", get().to(user)))
            .service(on("/health", get().to(async || "ok")))
            .service(on("/healthz", get().to(async || "ok")))
            .service(on("/health-out", get().to(out)))
            .service(on("/forbidden", get().to(status(403))))
            .service(on("/bad", get().to(status(400))))
            .service(on("/fail", get().to(async || Err::<&str, _>(HandlerError("no stock".to_owned())))))
            .service(on("/boom", get().to(boom)))
            .service(on("/unavailable", get().to(status(503))))
            .service(on("/redirect", get().to(async || HttpResponse::Found().insert_header((LOCATION, "/")).finish())))
            .service(on("/slow", get().to(slow)))
            .service(on("/stream", get().to(async || HttpResponse::Ok().body(ChunkBody(Chunks::new())))))
            .service(on("/events", get().to(events)))
            .service(on("/hang", get().to(std::future::pending::<&str>)))
            .service(on("/out", get().to(out)))
            .service(on("/trace-context-test", web::post().to(trace_context_test)));
    }
}

fn on(path: &str, route: Route) -> actix_web::Resource {
    web::resource(path).route(route)
}

/// Routes GET, and HEAD as in the other frameworks.
fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn of_users() -> Route {
    let methods = guard::Any(guard::Get()).or(guard::Head()).or(guard::Post());
    web::route().guard(methods.or(guard::Put()).or(guard::Delete()))
}

fn code(status: u16) -> actix_web::http::StatusCode {
    actix_web::http::StatusCode::from_u16(status).unwrap_or_default()
}

async fn user(id: web::Path<String>) -> String {
    format!("user {id}")
}

async fn boom() -> &'static str {
    panic!("the shop is on fire")
}

async fn events() -> HttpResponse {
    HttpResponse::Ok().insert_header(("content-type", "text/event-stream")).body(ChunkBody(Chunks::events()))
}

async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_millis(120)).await;
    "done"
}

async fn out(shop: Data<Shop>) -> Result<Bytes, HandlerError> {
    let url = shop.out_url.as_deref().ok_or_else(|| HandlerError("OUT_URL is not set".to_owned()))?;
    shop.outgoing.get(url).await
}

async fn trace_context_test(shop: Data<Shop>, calls: Bytes) -> Result<&'static str, HandlerError> {
    shop.outgoing.call_all(&calls).await?;
    Ok("")
}

impl ResponseError for HandlerError {}

/// The chunked body as a body of actix-web.
struct ChunkBody(Chunks);

impl MessageBody for ChunkBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let frame = ready!(Pin::new(&mut self.0).poll_frame(cx));
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default())))
    }
}
