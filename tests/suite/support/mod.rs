//! Real servers on free ports, real clients, and an endpoint that follows a script.

pub(crate) mod aiosmtpd;
pub(crate) mod authority;
pub(crate) mod client;
pub(crate) mod endpoint;
pub(crate) mod harness;
pub(crate) mod load;
pub(crate) mod random;
pub(crate) mod server;
pub(crate) mod smtp;
pub(crate) mod vectors;

use std::time::Duration;

use opencensus::{InMemoryExporter, Settings};
use opencensus::{PipelineLimits, RequestRecord, Telemetry};

/// Longer than anything here takes.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// A configuration that keeps everything in memory, with these settings.
pub(crate) fn in_memory(settings: Settings) -> (Telemetry, InMemoryExporter) {
    let exporter = InMemoryExporter::default();
    (settings.start_with(exporter.clone()).expect("it starts"), exporter)
}

/// Waits until so many requests have ended, and gives them in the order of their ends.
pub(crate) async fn ended(telemetry: &Telemetry, exporter: &InMemoryExporter, count: usize) -> Vec<RequestRecord> {
    let deadline = tokio::time::Instant::now() + SOON;
    while (telemetry.stats().accepted as usize) < count && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let report = telemetry.flush(SOON).await;
    assert!(report.complete && report.stats.balances(), "{report:?}");
    let requests = exporter.requests();
    assert_eq!(requests.len(), count, "{requests:#?}");
    requests
}

/// Limits with nothing to wait for.
pub(crate) fn quick() -> PipelineLimits {
    let mut limits = PipelineLimits::default();
    limits.first_delay = Duration::from_millis(1);
    limits.batch_age = Duration::from_millis(20);
    limits.retry_base = Duration::from_millis(1);
    limits
}
