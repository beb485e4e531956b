//! The smallest axum program that delivers the telemetry of every request.
//!
//! ```text
//! APPLICATIONINSIGHTS_CONNECTION_STRING=… cargo run -p example-axum
//! ```
//!
//! It listens on port 3000, or on the port in `PORT`, until Ctrl-C or SIGTERM.

use std::net::SocketAddr;
use std::time::Duration;

use axum::{Router, extract::Path, routing::get};
use opencensus::{Failure, OpenCensusLayer, Telemetry};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = Telemetry::from_env()?;
    let app = app(telemetry.clone());
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/users/7", listener.local_addr()?);
    // With the clients' addresses.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(opencensus::shutdown_signal()).await?;
    println!("{}", telemetry.shutdown(Duration::from_secs(5)).await);
    Ok(())
}

fn app(telemetry: Telemetry) -> Router {
    Router::new()
        .route("/users/{id}", get(user))
        .route("/orders/{number}", get(order))
        // Last, so that it surrounds all other layers.
        .layer(OpenCensusLayer::new(telemetry))
}

async fn user(Path(id): Path<u32>) -> String {
    format!("user {id}")
}

/// The client receives the status alone. The row and the log have the error, too.
async fn order(Path(number): Path<String>) -> Result<String, Failure> {
    let number: u32 = number.parse().map_err(Failure::bad_request)?;
    Ok(format!("order {number}"))
}
