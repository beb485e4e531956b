//! The settings of the store, and telemetry that survives a restart in its folder.

use std::path::Path;
use std::time::Duration;

use opencensus::core::{EventRecord, Origin};
use opencensus::settings::StoreSettings;
use opencensus::{Settings, Telemetry};
use test_support::TIMEOUT;
use test_support::endpoint::{Endpoint, KEY, status};
use test_support::process::run_test;
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

/// Waits until an event with this name has arrived.
async fn wait_for(endpoint: &Endpoint, name: &str) {
    let deadline = tokio::time::Instant::now() + TIMEOUT;
    let accepted = |endpoint: &Endpoint| endpoint.posts().iter().any(|post| post.text.contains(name));
    while !accepted(endpoint) {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", endpoint.posts());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn track(telemetry: &Telemetry, name: &'static str) {
    telemetry.track(EventRecord::new(Origin::at(std::time::SystemTime::now()), name));
}

#[tokio::test]
async fn items_of_an_outage_arrive_after_a_restart() {
    let (down, up) = (Endpoint::start(std::iter::repeat_n(status(503), 10_000)).await, Endpoint::start([]).await);
    let folder = tempfile::tempdir().unwrap();
    let telemetry = settings(&down, folder.path()).start().unwrap();
    track(&telemetry, "before the restart");
    let stats = telemetry.shutdown(Duration::from_millis(300)).await.stats;
    assert_eq!((stats.accepted, stats.delivered, stats.stored), (1, 0, 1), "{stats:?}");
    let discloses = |text: &String| text.contains("c0ffee00") || text.contains("127.0.0.1");
    assert!(!files(folder.path()).iter().any(discloses), "{:?}", files(folder.path()));

    // Another endpoint is another destination.
    let other = settings(&up, folder.path()).start().unwrap();
    track(&other, "elsewhere");
    assert!(other.shutdown(TIMEOUT).await.complete);
    assert!(up.posts().iter().all(|post| !post.text.contains("before the restart")));

    let refused = down.posts().len();
    down.set_script([]);
    let telemetry = settings(&down, folder.path()).start().unwrap();
    while down.posts().len() == refused {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    wait_for(&down, "before the restart").await;
    assert!(down.posts().iter().flat_map(|post| &post.items).all(|item| item["iKey"] == KEY));
    let stats = telemetry.shutdown(TIMEOUT).await.stats;
    assert_eq!((stats.recovered, stats.delivered, stats.stored), (1, 1, 0), "{stats:?}");
}

const IMPOSSIBLE: &str = "FOLDER_THAT_CANNOT_BE_CREATED";

/// Runs in a process of its own, because the events of the pipeline's thread reach only the global subscriber.
#[tokio::test]
async fn process_whose_folder_cannot_be_created() {
    let Ok(folder) = std::env::var(IMPOSSIBLE) else { return };
    let dispatch = Dispatch::new(EventRecorder::default());
    tracing::dispatcher::set_global_default(dispatch.clone()).unwrap();
    let endpoint = Endpoint::start([]).await;
    let telemetry = settings(&endpoint, Path::new(&folder)).start().unwrap();
    track(&telemetry, "in memory");
    wait_for(&endpoint, "in memory").await;
    let report = telemetry.shutdown(TIMEOUT).await;
    assert!(report.complete && report.stats.delivered == 1, "{report:?}");
    let lines = EventRecorder::take(&dispatch);
    let about_store: Vec<_> = lines.iter().filter(|line| line.starts_with("WARN") && line.contains(&folder)).collect();
    let [line] = about_store[..] else { panic!("{lines:#?}") };
    let expected = format!(
        "telemetry that cannot be sent waits in memory alone: the store's folder `{folder}` cannot be created: "
    );
    assert!(line.contains(&expected) && line.ends_with("; choose a folder in which this user can write"), "{line}");
    assert!(line.contains("(os error ") && !line.contains('\n'), "{line}");
}

#[test]
fn folder_that_cannot_be_created_is_one_warning() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let folder = file.path().join("store");
    run_test("settings::store::process_whose_folder_cannot_be_created", &[(IMPOSSIBLE, folder.to_str().unwrap())]);
}

/// The paths and the contents of all files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let content = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path.display().to_string(), content(&path)] })
        .collect()
}
