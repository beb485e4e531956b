//! Limits at the ends of their types neither panic nor overflow.

use std::path::Path;
use std::time::Duration;

use opencensus::core::{EventRecord, Origin};
use opencensus::settings::{PipelineLimits, StoreSettings};
use opencensus::{InMemoryExporter, Settings, Telemetry};
use test_support::TIMEOUT;
use test_support::endpoint::Endpoint;

use super::input::{environment, file};
use crate::support::SettingsExt as _;

fn track(telemetry: &Telemetry) {
    telemetry.track(EventRecord::new(Origin::at(std::time::SystemTime::now()), "an event"));
}

/// All times and sizes of the pipeline at the end of their types.
fn longest() -> PipelineLimits {
    let mut limits = PipelineLimits::default();
    limits.max_bytes = usize::MAX;
    limits.batch_bytes = usize::MAX / 4;
    limits.batch_age = Duration::MAX;
    limits.first_delay = Duration::MAX;
    limits.retry_base = Duration::MAX;
    limits.retry_max = Duration::MAX;
    limits.retry_after_max = Duration::MAX;
    limits.max_age = Duration::MAX;
    limits.grace = Duration::MAX;
    limits
}

fn largest_store(folder: &Path) -> StoreSettings {
    let mut store = StoreSettings::default();
    (store.path, store.max_bytes, store.retention) = (Some(folder.into()), u64::MAX, Duration::MAX);
    store
}

#[tokio::test]
async fn longest_times_and_largest_sizes_are_limited() {
    let endpoint = Endpoint::start([]).await;
    let folder = tempfile::tempdir().unwrap();
    let telemetry = Settings::default()
        .with_connection_string(endpoint.connection_string().parse().unwrap())
        .with_keep_slower_than(Duration::MAX)
        .with(|settings| settings.limits = longest())
        .with(|settings| settings.azure.timeout = Some(Duration::MAX))
        .with(|settings| settings.stats.interval = Some(Duration::MAX))
        .with(|settings| settings.store = largest_store(folder.path()))
        .start()
        .unwrap();
    track(&telemetry);
    assert!(telemetry.flush(Duration::MAX).await.complete);
    track(&telemetry);
    let report = telemetry.shutdown(Duration::MAX).await;
    assert!(report.complete && report.stats.balances(), "{report:?}");
    assert_eq!(endpoint.posts().len(), 3, "one for each event, and one with the counters");
}

#[test]
fn interval_of_2_to_the_64_seconds_is_limited_or_a_fault() {
    for interval in ["18446744073709551615", "18446744073709551616", "1e300", "9223372036854775807s"] {
        let read = Settings::from_lookup(environment(&[("OPENCENSUS_STATS_INTERVAL", interval)]));
        let Ok(settings) = read else { continue };
        let telemetry = settings.start_with(InMemoryExporter::default()).unwrap();
        track(&telemetry);
        let report = telemetry.shutdown(TIMEOUT).wait();
        assert!(report.complete && report.stats.balances(), "{interval}: {report:?}");
    }
}

#[test]
fn smallest_times_are_limited() {
    let mut limits = PipelineLimits::default();
    for time in [&mut limits.batch_age, &mut limits.first_delay, &mut limits.retry_base, &mut limits.retry_max] {
        *time = Duration::ZERO;
    }
    let settings = Settings::default().with(|settings| settings.limits = limits);
    let telemetry = settings.with(|settings| {
        settings.stats.interval = Some(Duration::ZERO);
        (settings.store.max_bytes, settings.store.retention) = (0, Duration::ZERO);
    });
    let telemetry = telemetry.start_with(InMemoryExporter::default()).unwrap();
    track(&telemetry);
    assert!(telemetry.shutdown(TIMEOUT).wait().complete);
}

#[test]
fn queue_that_no_memory_holds_is_a_fault_at_start() {
    let mut limits = PipelineLimits::default();
    limits.max_items = 1 << 40;
    let error = Settings::default().with(|settings| settings.limits = limits).start_with(InMemoryExporter::default());
    let expected = "`max_items` is 1099511627776: it must be at most 4194304";
    assert_eq!(error.unwrap_err().to_string(), expected);
}

#[test]
fn batch_over_its_bound_is_a_fault_and_the_default_follows_the_queue() {
    let read = |content: &str| Settings::from_file_and_lookup(file("toml", content).path(), environment(&[]));
    let error = read("limits.batch_items = 20000").unwrap_err().to_string();
    assert!(
        error.ends_with("`limits.batch_items`: found `20000`; it must be at most half of `max_items`, 8192"),
        "{error}"
    );
    assert!(read("limits.max_items = 100").is_ok());
    assert!(read("limits = { max_items = 40000, batch_items = 20000 }").is_ok());
}
