//! The smallest honest actix-web program.
//!
//! ```text
//! APPLICATIONINSIGHTS_CONNECTION_STRING=… cargo run -p example-actix
//! ```

use std::time::Duration;

use actix_web::{App, HttpServer, web};
use opencensus::actix::AppExt as _;
use opencensus::{OpenCensusLayer, Telemetry};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = Telemetry::from_env()?;
    let of_workers = telemetry.clone();
    let server = HttpServer::new(move || {
        // Once a worker; they share the pipeline.
        App::new().layer(OpenCensusLayer::new(of_workers.clone())).route("/users/{id}", web::get().to(user))
    });
    println!("http://127.0.0.1:3000/users/7");
    server.bind("127.0.0.1:3000")?.run().await?;
    println!("{}", telemetry.shutdown(Duration::from_secs(5)).await);
    Ok(())
}

async fn user(id: web::Path<u32>) -> String {
    format!("user {id}")
}
