//! The smallest hyper program that delivers the telemetry of every request.
//!
//! ```text
//! APPLICATIONINSIGHTS_CONNECTION_STRING=… cargo run -p example-hyper
//! ```
//!
//! It listens on port 3000, or on the port in `PORT`, until Ctrl-C or SIGTERM.

use std::convert::Infallible;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use opencensus::{Failure, OpenCensusLayer, PeerAddress, RequestTelemetry, Telemetry};
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = Telemetry::from_env()?;
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/users/7", listener.local_addr()?);
    let connections = GracefulShutdown::new();
    let mut stop = opencensus::shutdown_signal();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    eprintln!("{error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let service = ServiceBuilder::new()
            // Outside of the layer, which reads the client's address.
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(PeerAddress(peer));
                request
            })
            // Outside of all layers that may respond.
            .layer(OpenCensusLayer::new(telemetry.clone()))
            .service(service_fn(handle));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        tokio::spawn(connections.watch(connection));
    }
    connections.shutdown().await;
    println!("{}", telemetry.shutdown(Duration::from_secs(5)).await);
    Ok(())
}

async fn handle(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    // There is no router, so the handler sets the route.
    let Some(id) = request.uri().path().strip_prefix("/users/") else {
        return Ok(Failure::not_found().with_body(Full::default()));
    };
    RequestTelemetry::of(request.extensions()).set_route("/users/{id}");
    Ok(match id.parse::<u32>() {
        Ok(_) => Response::new(Full::new(Bytes::from("hello"))),
        // The client receives the status alone. The log has the error, too.
        Err(error) => Failure::bad_request(error).with_body(Full::default()),
    })
}
