//! The smallest actix-web program that delivers the telemetry of every request.
//!
//! ```text
//! APPLICATIONINSIGHTS_CONNECTION_STRING=… cargo run -p example-actix
//! ```
//!
//! It listens on port 3000, or on the port in `PORT`, until Ctrl-C or SIGTERM. actix-web handles the signals itself.

use std::fmt;
use std::num::ParseIntError;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{App, HttpServer, ResponseError, web};
use opencensus::actix::AppExt as _;
use opencensus::{OpenCensusLayer, Telemetry};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = Telemetry::from_env()?;
    let for_workers = telemetry.clone();
    let server = HttpServer::new(move || {
        // actix-web calls this once for each worker. The workers share one pipeline.
        App::new()
            .route("/users/{id}", web::get().to(user))
            .route("/orders/{number}", web::get().to(order))
            // Last, so that it surrounds all other middleware.
            .layer(OpenCensusLayer::new(for_workers.clone()))
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

/// An error with its own response. The log has the error, too.
#[derive(Debug)]
enum OrderError {
    NoNumber(ParseIntError),
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::NoNumber(error) = self;
        write!(f, "the order has no number: {error}")
    }
}

impl ResponseError for OrderError {
    fn status_code(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }
}

async fn order(number: web::Path<String>) -> Result<String, OrderError> {
    let number: u32 = number.parse().map_err(OrderError::NoNumber)?;
    Ok(format!("order {number}"))
}
