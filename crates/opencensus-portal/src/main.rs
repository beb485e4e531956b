//! Runs a portal until Ctrl-C or SIGTERM.

use std::process::ExitCode;

use opencensus_portal::PortalOptions;

const USAGE: &str = "\
opencensus-portal: receives Application Insights telemetry on this machine and shows it

    --listen ADDRESS    the loopback address to listen on (default: 127.0.0.1:8787)
    --db FILE           the file to keep items in (default: memory)
    --allow-origin URL  an origin whose pages may send telemetry, besides those of this machine
    --help              print this text
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("opencensus-portal: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let Some(options) = options(lexopt::Parser::from_env())? else {
        print!("{USAGE}");
        return Ok(());
    };
    let stop = stop_signal()?;
    let portal = options.start()?;
    println!("{}", portal.url());
    println!("export APPLICATIONINSIGHTS_CONNECTION_STRING='{}'", portal.connection_string());
    stop.await;
    Ok(())
}

/// Installs the handlers of Ctrl-C and SIGTERM. The future completes at the first of them.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// The future completes at Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Parses the arguments. `None` for `--help`.
fn options(mut arguments: lexopt::Parser) -> Result<Option<PortalOptions>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = PortalOptions::default().with_listen(([127, 0, 0, 1], 8787).into());
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("listen") => options = options.with_listen(arguments.value()?.parse()?),
            Long("db") => options = options.with_database(arguments.value()?),
            Long("allow-origin") => options = options.with_allowed_origin(arguments.value()?.string()?),
            Long("help") | Short('h') => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}
