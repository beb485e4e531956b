//! The smallest actix-web program that delivers the telemetry of every request.
//!
//! ```text
//! APPLICATIONINSIGHTS_CONNECTION_STRING=… cargo run -p example-actix
//! ```
//!
//! It listens on port 3000, or on the port in `PORT`, until Ctrl-C or SIGTERM. actix-web handles the signals itself.

use std::time::Duration;

use actix_web::{App, HttpServer, web};
use opencensus::actix::AppExt as _;
use opencensus::{OpenCensusLayer, Telemetry};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = Telemetry::from_env()?;
    let for_workers = telemetry.clone();
    let server = HttpServer::new(move || {
        // actix-web calls this once for each worker. The workers share one pipeline.
        App::new().layer(OpenCensusLayer::new(for_workers.clone())).route("/users/{id}", web::get().to(user))
    });
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    // Open requests have 20 seconds after the signal. The default is 30, but Kubernetes kills the process then.
    let server = server.shutdown_timeout(20).bind(("127.0.0.1", port))?;
    println!("http://{}/users/7", server.addrs()[0]);
    server.run().await?;
    println!("{}", telemetry.shutdown(Duration::from_secs(5)).await);
    Ok(())
}

async fn user(id: web::Path<u32>) -> String {
    format!("user {id}")
}
