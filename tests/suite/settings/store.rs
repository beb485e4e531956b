//! The settings of the store, and telemetry that survives a restart in its folder.

use std::path::Path;
use std::time::Duration;

use opencensus::Settings;
use opencensus::settings::StoreSettings;
use test_support::endpoint::{Endpoint, KEY};
use tracing::Dispatch;

use super::input::{environment, file};
use crate::support::events::EventRecorder;
use crate::support::{SettingsExt as _, quick};

fn changed(change: impl FnOnce(&mut StoreSettings)) -> StoreSettings {
    let mut store = StoreSettings::default();
    change(&mut store);
    store
}

#[test]
fn each_variable_and_each_key_sets_its_field() {
    let hour = Duration::from_secs(3600);
    let cases = [
        ("OPENCENSUS_STORE", "enabled", "false", changed(|store| store.enabled = false)),
        ("OPENCENSUS_STORE", "enabled", "off", changed(|store| store.enabled = false)),
        ("OPENCENSUS_STORE_PATH", "path", "/var/lib/shop", changed(|store| store.path = Some("/var/lib/shop".into()))),
        ("OPENCENSUS_STORE_MAX_BYTES", "max_bytes", "2 MiB", changed(|store| store.max_bytes = 2 * 1024 * 1024)),
        ("OPENCENSUS_STORE_RETENTION", "retention", "1h", changed(|store| store.retention = hour)),
        ("OPENCENSUS_STORE_JOURNAL", "journal", "no", changed(|store| store.journal = false)),
    ];
    for (variable, key, text, expected) in cases {
        let settings = Settings::from_lookup(environment(&[(variable, text)])).unwrap();
        assert_eq!(settings.store, expected, "{variable}");
        let content = format!("[store]\n{key} = '{text}'");
        let settings = Settings::from_file_and_lookup(file("toml", &content).path(), environment(&[])).unwrap();
        assert_eq!(settings.store, expected, "{key}");
    }
    assert_eq!(Settings::default().with_store(false).store, changed(|store| store.enabled = false));
}

#[test]
fn values_that_no_store_can_have_are_faults() {
    for (variable, text, remedy) in [
        ("OPENCENSUS_STORE", "sometimes", "write `true` or `false`"),
        ("OPENCENSUS_STORE_MAX_BYTES", "1048575", "write at least `1 MiB`"),
        ("OPENCENSUS_STORE_MAX_BYTES", "0", "write a number of bytes above 0"),
        ("OPENCENSUS_STORE_RETENTION", "soon", "write seconds, or a time"),
        ("OPENCENSUS_STORE_JOURNAL", "maybe", "write `true` or `false`"),
    ] {
        let error = Settings::from_lookup(environment(&[(variable, text)])).unwrap_err().to_string();
        assert!(error.contains(variable) && error.contains(remedy), "{error}");
    }
    assert!(Settings::from_lookup(environment(&[("OPENCENSUS_STORE_MAX_BYTES", "1 MiB")])).is_ok());
}

fn settings(endpoint: &Endpoint, folder: &Path) -> Settings {
    let (connection, folder) = (endpoint.connection_string(), folder.to_str().unwrap());
    let variables = [("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str()), ("OPENCENSUS_STORE_PATH", folder)];
    Settings::from_lookup(environment(&variables)).unwrap().with(|settings| settings.limits = quick())
}

#[tokio::test]
async fn line_at_start_names_the_folder_or_that_the_store_is_off_and_no_key() {
    let endpoint = Endpoint::start([]).await;
    let folder = tempfile::tempdir().unwrap();
    for (is_on, expected) in [(true, format!(", store `{}`", folder.path().display())), (false, ", store off".into())] {
        let dispatch = Dispatch::new(EventRecorder::default());
        let settings = settings(&endpoint, folder.path()).with_store(is_on);
        tracing::dispatcher::with_default(&dispatch, || settings.start().unwrap());
        let lines = EventRecorder::take(&dispatch);
        let line = lines.iter().find(|line| line.contains("telemetry is on")).unwrap();
        assert!(line.ends_with(&expected) && !line.contains(KEY), "{line}");
    }
}
