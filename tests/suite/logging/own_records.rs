//! What an exporter logs never becomes telemetry: otherwise each export would cause the next one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use opencensus::{Settings, Telemetry};
use opencensus_logging::Logging;
use serde_json::json;
use test_support::TIMEOUT;
use test_support::certificates::server_config;
use test_support::process::run_test;

use crate::support::SettingsExt as _;
use crate::support::quick;

const CHILD: &str = "RECORDS_OF_THE_EXPORTER";

/// Starts a server that closes every connection, and telemetry that sends to it. Returns the number of connections.
fn start(logging: &Logging) -> (Telemetry, Arc<AtomicUsize>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, connections) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&connections);
    std::thread::spawn(move || {
        for _closed in listener.incoming() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    // Roots for machines without any.
    let roots = std::env::temp_dir().join(format!("opencensus-roots-{}.pem", std::process::id()));
    std::fs::write(&roots, server_config().0).unwrap();
    let connection =
        format!("InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=https://{address}/");
    let settings =
        Settings::default().with_store(false).with_connection_string(connection.parse().unwrap()).with_logging(logging);
    let mut limits = quick();
    limits.retry_max = Duration::from_millis(5);
    let telemetry = settings.with(|s| (s.limits, s.azure.extra_roots) = (limits, Some(roots.clone()))).start().unwrap();
    std::fs::remove_file(roots).unwrap();
    (telemetry, connections)
}

/// Runs in a child process, because `log` and `tracing` have one logger and one subscriber each in a process.
#[test]
fn child() {
    let Ok(handler) = std::env::var(CHILD) else { return };
    let logging = Logging::builder().build();
    let (telemetry, connections) = start(&logging);
    let handlers = json!({
        "insights": { "class": "application_insights" },
        "queue": { "class": "logging.handlers.QueueHandler", "handlers": ["insights"], "respect_handler_level": false },
    });
    logging
        .configure(&json!({
            "version": 1,
            "handlers": handlers,
            "root": { "level": "DEBUG", "handlers": [handler] },
        }))
        .unwrap();
    let installed = logging.install();
    assert!(installed.log && installed.tracing);
    // rustls logs each handshake with `log`, hyper each connection with `tracing`; the pipeline logs the failure.
    log::debug!("one record");
    let begun = Instant::now();
    while connections.load(Ordering::Relaxed) < 20 {
        assert!(begun.elapsed() < TIMEOUT, "{:?}", telemetry.stats());
        std::thread::sleep(Duration::from_millis(5));
    }
    let stats = telemetry.stats();
    assert!(stats.accepted == 1 && stats.retried >= 10, "{stats:?}");
}

#[test]
fn exporters_records_are_no_telemetry_while_the_endpoint_closes_every_connection() {
    run_test("logging::own_records::child", &[(CHILD, "insights")]);
}

#[test]
fn exporters_records_are_no_telemetry_behind_a_queue_handler() {
    run_test("logging::own_records::child", &[(CHILD, "queue")]);
}
