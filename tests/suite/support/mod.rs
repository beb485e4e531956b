//! Helpers that need the facade: telemetry in memory, recorded events, the test servers, and a load generator.

pub(crate) mod events;
pub(crate) mod load;
pub(crate) mod serve;
pub(crate) mod server;

use std::time::Duration;

use opencensus::settings::PipelineLimits;
use opencensus::{InMemoryExporter, Settings};
use opencensus::{RequestRecord, Telemetry};
use test_support::TIMEOUT;

/// Changes fields of the settings within a chain of setters.
pub(crate) trait SettingsExt {
    fn with(self, change: impl FnOnce(&mut Settings)) -> Settings;
}

impl SettingsExt for Settings {
    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Settings {
        change(&mut self);
        self
    }
}

/// Starts telemetry with these settings and an exporter that keeps everything in memory.
pub(crate) fn in_memory(settings: Settings) -> (Telemetry, InMemoryExporter) {
    let exporter = InMemoryExporter::default();
    (settings.start_with(exporter.clone()).expect("it starts"), exporter)
}

/// Waits until `count` requests have ended, and returns them in the order in which they ended.
pub(crate) async fn ended(telemetry: &Telemetry, exporter: &InMemoryExporter, count: usize) -> Vec<RequestRecord> {
    let deadline = tokio::time::Instant::now() + TIMEOUT;
    while exporter.requests().len() < count && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(2)).await;
        telemetry.flush(TIMEOUT).await;
    }
    let report = telemetry.flush(TIMEOUT).await;
    assert!(report.complete && report.stats.balances(), "{report:?}");
    let requests = exporter.requests();
    assert_eq!(requests.len(), count, "{requests:#?}");
    requests
}

/// Limits without long waits.
pub(crate) fn quick() -> PipelineLimits {
    let mut limits = PipelineLimits::default();
    limits.first_delay = Duration::from_millis(1);
    limits.batch_age = Duration::from_millis(20);
    limits.retry_base = Duration::from_millis(1);
    limits
}
