//! The smallest honest axum program.
//!
//! ```text
//! APPLICATIONINSIGHTS_CONNECTION_STRING=… cargo run -p example-axum
//! ```

use std::time::Duration;

use axum::{Router, extract::Path, routing::get};
use opencensus::{OpenCensusLayer, Telemetry};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = Telemetry::from_env()?;
    let app = app(telemetry.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("http://{}/users/7", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(ctrl_c()).await?;
    println!("{}", telemetry.shutdown(Duration::from_secs(5)).await);
    Ok(())
}

fn app(telemetry: Telemetry) -> Router {
    Router::new().route("/users/{id}", get(user)).layer(OpenCensusLayer::new(telemetry))
}

async fn user(Path(id): Path<u32>) -> String {
    format!("user {id}")
}

async fn ctrl_c() {
    let _ = tokio::signal::ctrl_c().await;
}
