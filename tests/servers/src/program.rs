//! The `main` function of the three programs.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use opencensus::{ShutdownSignal, Telemetry, shutdown_signal};
use tokio::net::TcpListener;

use crate::Shop;

/// Runs a server: `--listen ADDRESS`, `--drain-deadline SECONDS`, other settings from the environment. SIGTERM and
/// Ctrl-C stop it gracefully; then the shutdown report is printed as one line of JSON.
pub async fn main<F>(serve: impl FnOnce(TcpListener, Shop, Telemetry, ShutdownSignal) -> F) -> ExitCode
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

async fn run<F>(
    serve: impl FnOnce(TcpListener, Shop, Telemetry, ShutdownSignal) -> F,
) -> Result<(), Box<dyn std::error::Error>>
where
    F: Future<Output = std::io::Result<()>>,
{
    let telemetry = Telemetry::from_env()?;
    let (address, stop) = arguments(lexopt::Parser::from_env())?;
    let listener = TcpListener::bind(address).await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    let shop = Shop { out_url: std::env::var("OUT_URL").ok(), ..Shop::default() };
    serve(listener, shop, telemetry.clone(), stop).await?;
    println!("{}", telemetry.shutdown(Duration::from_secs(5)).await.to_json());
    Ok(())
}

fn arguments(mut parser: lexopt::Parser) -> Result<(SocketAddr, ShutdownSignal), lexopt::Error> {
    use lexopt::prelude::*;
    let (mut address, mut stop) = (([127, 0, 0, 1], 3000).into(), shutdown_signal());
    while let Some(argument) = parser.next()? {
        match argument {
            Long("listen") => address = parser.value()?.parse()?,
            Long("drain-deadline") => {
                stop = stop.with_drain_deadline(Duration::from_secs(parser.value()?.parse()?));
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok((address, stop))
}
