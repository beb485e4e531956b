//! Runs the shop with one of the configurations in `config/`, and files with further settings. `README.md` shows how to receive the mail.

mod app;

use std::net::SocketAddr;
use std::time::Duration;

use opencensus::Settings;
use opencensus::exporter::ExporterSetting;

const CONFIGURATION: &str = "examples/logging/config/3-mail.toml";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = std::env::args().skip(1);
    let configuration = files.next().unwrap_or_else(|| CONFIGURATION.to_owned());
    let logging = app::logging().build();
    // Writes the records that are still queued, also if `main` fails.
    let _guard = logging.guard();
    logging.install();
    // Settings that are not in the configuration itself, such as those of mail.
    for file in files {
        logging.setup_file(file)?;
    }
    let mut settings = Settings::from_env()?.with_logging(&logging);
    settings.logging.config = Some(configuration.into());
    if settings.azure.connection_string.is_none() {
        settings.trace.exporter = ExporterSetting::Console;
    }
    let telemetry = settings.start()?;
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/", listener.local_addr()?);
    // The connection's peer address is needed for mails, which state whether the client is internal.
    let app = app::app(telemetry.clone(), &logging).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(opencensus::shutdown_signal()).await?;
    println!("{}", telemetry.shutdown(Duration::from_secs(5)).await);
    logging.shutdown(Duration::from_secs(5));
    Ok(())
}
