//! What the application knows of a connection, or the settings state, goes before what the server knows; methods of
//! IANA's registry and of the settings are parts of names.

use std::convert::Infallible;
use std::net::SocketAddr;

use actix_web::HttpMessage as _;
use actix_web::dev::Service as _;
use actix_web::web;
use axum::Router;
use axum::routing::any;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use opencensus::{OpenCensusLayer, PeerAddress, RequestRecord, RequestScheme, Settings, Telemetry};
use test_support::client;
use tokio::net::TcpStream;
use tower::util::MapRequestLayer;
use tower::{ServiceBuilder, service_fn};

use crate::support::server::Framework;
use crate::support::{SettingsExt as _, ended, in_memory, serve};

const CLIENT: &str = "203.0.113.7:4711";

/// What the application inserts outside of the layer.
#[derive(Clone, Copy)]
struct Own {
    peer: Option<PeerAddress>,
    scheme: Option<RequestScheme>,
}

const NOTHING: Own = Own { peer: None, scheme: None };

fn insert<B>(own: Own) -> impl Fn(Request<B>) -> Request<B> + Clone {
    move |mut request| {
        let _ = own.peer.map(|peer| request.extensions_mut().insert(peer));
        let _ = own.scheme.map(|scheme| request.extensions_mut().insert(scheme));
        request
    }
}

async fn start(framework: Framework, telemetry: Telemetry, own: Own) -> SocketAddr {
    match framework {
        Framework::Axum => {
            let app = Router::new().route("/users/{id}", any(async || "user")).layer(OpenCensusLayer::new(telemetry));
            serve::axum(app.layer(MapRequestLayer::new(insert(own)))).await
        }
        Framework::Hyper => {
            let handler = |request: Request<hyper::body::Incoming>| async move {
                opencensus::RequestTelemetry::of(request.extensions()).set_route("/users/{id}");
                Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("user")))
            };
            let layers = ServiceBuilder::new().map_request(insert(own)).layer(OpenCensusLayer::new(telemetry));
            serve::hyper(layers.service(service_fn(handler))).await
        }
        Framework::Actix => serve::actix!(move || {
            actix_web::App::new()
                .route("/users/{id}", web::to(async || "user"))
                .wrap(OpenCensusLayer::new(telemetry.clone()))
                .wrap_fn(move |request, service| {
                    let _ = own.peer.map(|peer| request.extensions_mut().insert(peer));
                    let _ = own.scheme.map(|scheme| request.extensions_mut().insert(scheme));
                    service.call(request)
                })
        }),
    }
}

/// The rows of one request over HTTP/1 and one over HTTP/2.
async fn rows(framework: Framework, settings: Settings, own: Own) -> Vec<RequestRecord> {
    let (telemetry, exporter) = in_memory(settings);
    let address = start(framework, telemetry.clone(), own).await;
    client::get(address, "/users/7").await;
    ended(&telemetry, &exporter, 1).await;
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("http://shop.example/users/7").body(Empty::new()).unwrap();
    sender.send_request(request).await.unwrap().into_body().collect().await.unwrap();
    ended(&telemetry, &exporter, 2).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn address_that_the_application_sets_goes_before_that_of_the_server() {
    let own = Own { peer: Some(PeerAddress(CLIENT.parse().unwrap())), ..NOTHING };
    for framework in Framework::ALL {
        for row in rows(framework, Settings::default(), own).await {
            assert_eq!(row.peer(), CLIENT.parse().ok(), "{framework:?}");
        }
        for row in rows(framework, Settings::default(), NOTHING).await {
            assert!(row.peer().unwrap().ip().is_loopback(), "{framework:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scheme_of_the_acceptor_goes_before_the_setting_and_the_setting_before_the_target() {
    let setting = || Settings::default().with(|s| s.trace.scheme = Some(RequestScheme::https()));
    let with = |scheme| Own { scheme: Some(scheme), ..NOTHING };
    for framework in Framework::ALL {
        for (settings, own, expected) in [
            (Settings::default(), NOTHING, "http"),
            (setting(), NOTHING, "https"),
            (Settings::default(), with(RequestScheme::https()), "https"),
            (setting(), with(RequestScheme::http()), "http"),
        ] {
            for row in rows(framework, settings, own).await {
                assert_eq!(row.scheme(), expected, "{framework:?} {:?}", row.version());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registered_and_configured_methods_are_parts_of_names() {
    let settings = || Settings::default().with(|s| s.trace.known_methods = vec!["PURGE".to_owned()]);
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(settings());
        let address = start(framework, telemetry.clone(), NOTHING).await;
        let methods = ["PROPFIND", "MKCOL", "VERSION-CONTROL", "QUERY", "PURGE", "purge", "BREW"];
        for method in methods {
            client::request(address, method, "/users/7", "").await;
        }
        let rows = ended(&telemetry, &exporter, methods.len()).await;
        let names: Vec<_> = rows.iter().map(|row| row.name().replace(" /users/{id}", "")).collect();
        let expected = ["PROPFIND", "MKCOL", "VERSION-CONTROL", "QUERY", "PURGE", "_OTHER", "_OTHER"];
        assert_eq!(names, expected, "{framework:?}");
    }
}
