//! A shop of three services, whose transactions are whole: two on axum, one on actix-web, with reqwest between them, sqlx on
//! SQLite, `tracing` lines and errors with causes. They run in one process here, each with a telemetry of its own.
//!
//! ```text
//! cargo run -p example-shop            # until Ctrl-C or SIGTERM
//! cargo run -p example-shop -- --once  # sends orders, and fails unless each transaction is one tree with what it must have
//! ```
//!
//! If `APPLICATIONINSIGHTS_CONNECTION_STRING` is set, the telemetry is sent to that resource, and no portal starts.

mod check;
mod error;
mod front;
mod orders;
mod services;
mod stock;
mod traffic;

use std::process::ExitCode;
use std::time::Duration;

use error::BoxError;
use services::Services;

#[tokio::main]
async fn main() -> ExitCode {
    let result = match std::env::args().nth(1).as_deref() {
        None => keep_running().await,
        Some("--once") => once().await,
        Some(_) => Err("usage: example-shop [--once]".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("example-shop: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Places orders until a signal.
async fn keep_running() -> Result<(), BoxError> {
    let services = Services::start().await?;
    println!("Orders are placed until Ctrl-C.");
    let orders = async {
        for order in traffic::ORDERS.iter().cycle() {
            traffic::place(&services.front, order).await?;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Ok::<(), BoxError>(())
    };
    tokio::select! {
        result = orders => result?,
        () = opencensus::shutdown_signal() => {}
    }
    services.shutdown().await;
    Ok(())
}

/// Places each order once, and checks every transaction.
async fn once() -> Result<(), BoxError> {
    let services = Services::start().await?;
    for order in &traffic::ORDERS {
        traffic::place(&services.front, order).await?;
    }
    let portal = services.shutdown().await;
    match portal {
        Some(portal) => check::transactions(&portal).await,
        None => Ok(()),
    }
}
