//! Django's settings configure the loggers that the middleware uses.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use opencensus::{Failure, InMemoryExporter, OpenCensusLayer, Settings, Telemetry};
use opencensus_logging::Logging;
use opencensus_logging::config::Setup;
use opencensus_logging::handlers::Stream;
use opencensus_logging::mail::{MailSettings, MemoryBackend};
use serde_json::json;
use test_support::captured::Captured;
use test_support::{TIMEOUT, client};
use tokio::net::TcpListener;

use crate::support::SettingsExt as _;

/// The text on standard error after an error, a warning and a suspicious request, and the number of mails.
async fn output(setup: &Setup) -> (String, usize) {
    let stderr = Captured::default();
    let outbox = MemoryBackend::default();
    let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(outbox.clone());
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).with_mail(mail).build();
    logging.setup(setup).unwrap();
    let telemetry = Settings::default().with_logging(&logging).start_with(InMemoryExporter::default()).unwrap();
    let address = serve(telemetry).await;
    for path in ["/error", "/nowhere"] {
        client::get(address, path).await;
    }
    assert!(logging.shutdown(TIMEOUT));
    (stderr.text(), outbox.mails().len())
}

async fn serve(telemetry: Telemetry) -> std::net::SocketAddr {
    let app = Router::new()
        .route("/error", get(|| async { Err::<(), Failure>(std::io::Error::other("no chairs").into()) }))
        .layer(telemetry.allowed_hosts())
        .layer(OpenCensusLayer::new(telemetry));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, app).into_future());
    address
}

#[tokio::test]
async fn errors_reach_standard_error_with_and_without_debug_mode() {
    // The client's `Host` is not an allowed host.
    let host = "Invalid HTTP_HOST header: 'shop.example'. You may need to add 'shop.example' to ALLOWED_HOSTS.\n\
                opencensus::SuspiciousOperation: Invalid HTTP_HOST header: 'shop.example'. You may need to add 'shop.example' to \
                ALLOWED_HOSTS.\n";
    let mut setup = Setup::default();
    let (text, mails) = output(&setup).await;
    // Both requests are of the same kind.
    assert_eq!((text, mails), (host.repeat(2), 2), "one mail, and a summary");
    setup.errors_to_stderr = Some(false);
    assert_eq!(output(&setup).await, (String::new(), 2), "Django's plain behaviour");
    setup.debug = true;
    let (text, mails) = output(&setup).await;
    assert!(text.contains(host) && text.contains("\"GET /error HTTP/1.1\" 400 0\n"), "{text}");
    assert_eq!((text.matches("SuspiciousOperation").count(), mails), (2, 0));
}

/// Writes a settings file that names a logging configuration, which writes to `errors.log`.
fn write_settings(folder: &Path) -> PathBuf {
    let (errors, settings, logging_file) =
        (folder.join("errors.log"), folder.join("opencensus.toml"), folder.join("logging.toml"));
    let configuration = format!(
        "[logging]\nversion = 1\nhandlers.file = {{ class = \"file\", filename = {errors:?} }}\n\
         handlers.insights = {{ class = \"application_insights\" }}\n\
         loggers.\"django.request\" = {{ handlers = [\"file\", \"insights\"], propagate = false }}\n"
    );
    std::fs::write(&logging_file, configuration).unwrap();
    let text = format!(
        "debug = false\n[logging]\nconfig = {logging_file:?}\n\
         [security]\nallowed_hosts = [\".example\"]\nuse_x_forwarded_host = true\n[trace]\nserver_log = true\n"
    );
    std::fs::write(&settings, text).unwrap();
    settings
}

#[tokio::test]
async fn middleware_settings_name_the_logging_file_the_debug_mode_and_the_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let settings = write_settings(folder.path());
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let exporter = InMemoryExporter::default();
    let telemetry =
        Settings::from_file(&settings).unwrap().with_logging(&logging).start_with(exporter.clone()).unwrap();
    let address = serve(telemetry.clone()).await;
    client::get(address, "/error?token=c4n4ry").await;
    client::raw(address, "GET /error HTTP/1.1\r\nHost: shop.evil\r\nConnection: close\r\n\r\n").await;
    let forwarded =
        "GET /nowhere HTTP/1.1\r\nHost: inner\r\nX-Forwarded-Host: shop.example\r\nConnection: close\r\n\r\n";
    assert!(client::raw(address, forwarded).await.starts_with("HTTP/1.1 404"), "the proxy sets the host");
    telemetry.shutdown(TIMEOUT).await;
    assert!(logging.shutdown(TIMEOUT));
    let written = std::fs::read_to_string(folder.path().join("errors.log")).unwrap();
    assert_eq!(written, "Internal Server Error: /error\nstd::io::Error: no chairs\nNot Found: /nowhere\n");
    assert_eq!(exporter.items().len(), 6, "three requests, an exception and two messages");
    let text = stderr.text();
    assert!(text.contains("\"GET /error?token=REDACTED HTTP/1.1\" 500 21\n"), "{text}");
    assert!(text.contains("Invalid HTTP_HOST header: 'shop.evil'"), "{text}");
}

#[tokio::test]
async fn disabled_telemetry_keeps_the_loggers_and_the_check_of_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let settings = write_settings(folder.path());
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).build();
    let disabled =
        Settings::from_file(&settings).unwrap().with_logging(&logging).with(|s| s.disabled = true).start().unwrap();
    assert!(logging.logger_state("opencensus.request").is_some_and(|state| !state.propagate));
    let closed = serve(disabled).await;
    assert!(client::get(closed, "/nowhere").await.starts_with("HTTP/1.1 404"));
    let refused = client::raw(closed, "GET / HTTP/1.1\r\nHost: shop.evil\r\nConnection: close\r\n\r\n").await;
    assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");
}

#[test]
fn code_overrides_the_file_and_invalid_hosts_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let settings = write_settings(folder.path());
    let code = Settings::from_file(&settings).unwrap().with(|s| s.debug = Some(true));
    assert_eq!(
        (code.debug, code.trace.server_log, &*code.security.allowed_hosts),
        (Some(true), Some(true), &[".example".to_owned()][..])
    );
    std::fs::write(&settings, "[security]\nallowed_hosts = [\"shop.example:80\"]\n").unwrap();
    let fault = Settings::from_file(&settings).unwrap_err().to_string();
    assert!(fault.contains("`security.allowed_hosts[0]`") && fault.contains("without a port"), "{fault}");
}

/// Writes nothing before its sender is dropped.
struct Gate(Receiver<()>, Captured);

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.recv();
        self.1.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn telemetry_writes_queued_log_records_at_its_shutdown_and_with_its_last_handle() {
    for shuts_down in [true, false] {
        let (opens, is_open) = channel();
        let written = Captured::default();
        let stderr = Stream::new(Gate(is_open, written.clone()));
        let logging = Logging::builder().with_stderr(stderr).build();
        let configuration = json!({
            "version": 1,
            "handlers": { "console": { "class": "console" } },
            "root": { "handlers": ["console"], "level": "INFO" },
        });
        logging.configure(&configuration).unwrap();
        let telemetry = Settings::default().with_logging(&logging).start_with(InMemoryExporter::default()).unwrap();
        (0..100).for_each(|n| logging.get_logger("shop").info(n.to_string()));
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            drop(opens);
        });
        if shuts_down {
            assert!(telemetry.shutdown(TIMEOUT).await.complete);
        } else {
            drop(telemetry);
        }
        assert_eq!(written.text().lines().count(), 100, "{shuts_down}");
    }
}

#[test]
fn options_of_the_predecessors_handler_that_the_settings_replace_are_accepted() {
    let logging = Logging::builder().build();
    let settings = Settings::default().with_logging(&logging);
    let _telemetry = settings.start_with(InMemoryExporter::default()).unwrap();
    let configure = |options: &str| {
        let class = "opencensus.ext.azure.log_exporter.AzureLogHandler";
        logging.configure_toml(&format!("version = 1\nhandlers.azure = {{ class = '{class}', {options} }}"))
    };
    let options = "enable_local_storage = false, storage_path = '/tmp/x', storage_max_size = 52428800, \
                   storage_retention_period = 604800, storage_maintenance_period = 60, export_interval = 5.0, \
                   minimum_retry_interval = 60, max_batch_size = 100, queue_capacity = 8192, timeout = 10.0";
    configure(options).unwrap();
    let error = configure("storage_pth = '/tmp/x'").unwrap_err().to_string();
    assert!(error.contains("storage_pth"), "{error}");
}
