//! The common part of the programs.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use opencensus::Telemetry;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::Shop;

/// Runs a server: `--listen ADDRESS`, other settings from the environment. SIGTERM and Ctrl-C stop it
/// gracefully; then the shutdown report is printed as one line of JSON.
pub async fn main<F>(serve: impl FnOnce(TcpListener, Shop, Telemetry, Stop) -> F) -> ExitCode
where
    F: Future<Output = std::io::Result<()>>,
{
    match run(serve).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// A future that is ready when the process receives a signal to stop.
pub type Stop = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

async fn run<F>(serve: impl FnOnce(TcpListener, Shop, Telemetry, Stop) -> F) -> Result<(), Box<dyn std::error::Error>>
where
    F: Future<Output = std::io::Result<()>>,
{
    let telemetry = Telemetry::from_env()?;
    let listener = TcpListener::bind(listen(lexopt::Parser::from_env())?).await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    let shop = Shop { out_url: std::env::var("OUT_URL").ok(), ..Shop::default() };
    serve(listener, shop, telemetry.clone(), Box::pin(stop()?)).await?;
    println!("{}", telemetry.shutdown(Duration::from_secs(5)).await.to_json());
    Ok(())
}

fn listen(mut arguments: lexopt::Parser) -> Result<SocketAddr, lexopt::Error> {
    use lexopt::prelude::*;
    let mut listen = ([127, 0, 0, 1], 3000).into();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("listen") => listen = arguments.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(listen)
}

fn stop() -> std::io::Result<impl Future<Output = ()> + Send> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
