//! A chain of three services: axum, hyper and actix-web.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use actix_web::{HttpResponse, ResponseError, web};
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opencensus::core::{MessageRecord, Origin};
use opencensus::outgoing::ClientService;
use opencensus::sampling::{KeepFailures, SamplerSetting, SamplingRate};
use opencensus::{
    CallName, ClientLayer, DependencySpan, Failure, OpenCensusLayer, RequestTelemetry, Settings, Telemetry,
};
use opencensus_portal::{Filter, Item, Portal};
use test_support::TIMEOUT;
use tower::{Layer as _, Service as _, service_fn};

use super::plan::{Plan, ROLES};
use crate::support::{SettingsExt as _, quick, serve};

/// The running chain, and the portal that receives its telemetry.
pub(super) struct Chain {
    portal: Portal,
    telemetry: [Telemetry; 3],
    front: SocketAddr,
    client: Client<HttpConnector, Empty<Bytes>>,
}

/// The client of a service, whose calls are recorded.
type Caller = ClientService<Client<HttpConnector, Empty<Bytes>>>;

#[derive(Clone, Debug)]
struct Failed(&'static str);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Failed {}

impl ResponseError for Failed {}

impl Chain {
    pub(super) async fn start(rate: f64) -> Self {
        let portal = Portal::start().unwrap();
        let telemetry = ROLES.map(|role| {
            let mut limits = quick();
            limits.max_items = 1 << 16;
            limits.max_bytes = 64 << 20;
            let settings = Settings::default().with_store(false).with_service_name(role).with(|s| s.limits = limits);
            let settings = settings
                .with_sampler(SamplerSetting::Share(SamplingRate::try_from(rate).unwrap()))
                .with_keep_failures(KeepFailures::ServerErrors);
            settings.with_connection_string(portal.connection_string().parse().unwrap()).start().unwrap()
        });
        let [first, second, third] = telemetry.clone();
        let end = serve::actix!(move || {
            actix_web::App::new()
                .route("/end/{number}/{attempt}", web::get().to(end))
                .wrap(OpenCensusLayer::new(third.clone()))
        });
        let caller = caller_of(&second);
        let middle = service_fn(move |request| middle(request, caller.clone(), end));
        let middle = serve::hyper(OpenCensusLayer::new(second).layer(middle)).await;
        let app = Router::new().route("/front/{number}", get(front)).with_state((caller_of(&first), middle));
        let front = serve::axum(app.layer(OpenCensusLayer::new(first))).await;
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { portal, telemetry, front, client }
    }

    /// Sends the request with this number, and returns its status.
    pub(super) async fn send(&self, number: u64) -> StatusCode {
        let request = Request::get(format!("http://{}/front/{number}", self.front)).body(Empty::new()).unwrap();
        self.client.request(request).await.unwrap().status()
    }

    /// Everything that arrived, after the end of all services.
    pub(super) async fn items(self) -> Vec<Item> {
        for telemetry in &self.telemetry {
            let report = telemetry.shutdown(4 * TIMEOUT).await;
            let stats = &report.stats;
            assert!(report.complete && stats.balances() && stats.items_cut == 0, "{report:?}");
            assert_eq!((stats.dropped.total(), stats.refused.full), (0, 0), "{report:?}");
        }
        self.portal.items(Filter::default(), 200_000).await.unwrap()
    }
}

fn caller_of(telemetry: &Telemetry) -> Caller {
    ClientLayer::new(telemetry.clone()).layer(Client::builder(TokioExecutor::new()).build_http())
}

fn log(text: &'static str) {
    RequestTelemetry::current().track(MessageRecord::new(Origin::at(SystemTime::now()), text));
}

async fn call(caller: &mut Caller, url: String, name: &'static str) -> StatusCode {
    let mut request = Request::get(url).body(Empty::new()).unwrap();
    request.extensions_mut().insert(CallName::from(name));
    caller.call(request).await.map_or(StatusCode::BAD_GATEWAY, |response| response.status())
}

async fn front(
    State((mut caller, middle)): State<(Caller, SocketAddr)>,
    Path(number): Path<u64>,
) -> Result<StatusCode, Failure> {
    (0..Plan::of(number).lines).for_each(|_| log("a line of the front"));
    let status = call(&mut caller, format!("http://{middle}/middle/{number}"), "GET /middle/{number}").await;
    if status.is_server_error() {
        return Err(Failure::with_cause(StatusCode::BAD_GATEWAY, Failed("the middle failed")));
    }
    Ok(status)
}

async fn middle<B>(request: Request<B>, mut caller: Caller, end: SocketAddr) -> Result<Response<String>, Failed> {
    let number: u64 = request.uri().path().rsplit('/').next().unwrap().parse().unwrap();
    let telemetry = RequestTelemetry::of(request.extensions());
    telemetry.set_route("/middle/{number}");
    log("a line of the middle");
    let plan = Plan::of(number);
    let mut statement = DependencySpan::start("SQL", "db|chain", "SELECT chain");
    tokio::time::sleep(Duration::from_micros(200)).await;
    if plan.breaks_statement {
        statement.set_failed("deadlock");
    }
    statement.end();
    let mut status = StatusCode::OK;
    for attempt in 0..2 {
        let url = format!("http://{end}/end/{number}/{attempt}");
        status = call(&mut caller, url, "GET /end/{number}/{attempt}").await;
        if !status.is_server_error() {
            break;
        }
    }
    let status = StatusCode::from_u16(plan.middle_status()).unwrap_or(status);
    if status.is_server_error() {
        telemetry.record_error(&Failed("the end failed"));
    }
    Ok(Response::builder().status(status).body(String::new()).unwrap())
}

async fn end(path: web::Path<(u64, usize)>) -> Result<HttpResponse, Failed> {
    let (number, attempt) = path.into_inner();
    log("a line of the end");
    match Plan::of(number).end_status(attempt) {
        500 => Err(Failed("the end broke")),
        status => Ok(HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap()).finish()),
    }
}
