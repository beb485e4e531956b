//! Several processes that share the folder of the store.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use opencensus::core::{EventRecord, Origin};
use opencensus::{Settings, Telemetry};
use opencensus_portal::{Fault, Portal, events};
use test_support::TIMEOUT;

use super::input::environment;
use crate::support::{SettingsExt as _, quick};

const FOLDER: &str = "SHARED_FOLDER";
const CONNECTION: &str = "SHARED_CONNECTION";
const NAME: &str = "SHARED_NAME";
const ITEMS: usize = 25;

fn start(connection: &str, folder: &str) -> Telemetry {
    let variables = [("APPLICATIONINSIGHTS_CONNECTION_STRING", connection), ("OPENCENSUS_STORE_PATH", folder)];
    let settings = Settings::from_lookup(environment(&variables)).unwrap();
    settings.with(|settings| settings.limits = quick()).start().unwrap()
}

/// One of the processes: stores its items, and ends when its standard input does.
#[test]
fn process() {
    let [Ok(folder), Ok(connection), Ok(name)] = [FOLDER, CONNECTION, NAME].map(std::env::var) else { return };
    let telemetry = start(&connection, &folder);
    for item in 0..ITEMS {
        telemetry.track(EventRecord::new(Origin::at(SystemTime::now()), format!("{name} {item}")));
    }
    assert!(telemetry.flush(TIMEOUT).wait().complete);
    println!("stored");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    assert!(telemetry.shutdown(TIMEOUT).wait().complete);
}

fn spawn(name: usize, connection: &str, folder: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "settings::shared_folder::process", "--nocapture"])
        .envs([(FOLDER, folder), (CONNECTION, connection), (NAME, &name.to_string())])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut output, mut text) = (child.stdout.take().unwrap(), Vec::new());
    while !text.ends_with(b"stored\n") {
        let mut byte = [0];
        output.read_exact(&mut byte).unwrap();
        text.extend(byte);
    }
    // The rest is small and fits into the pipe, which stays open.
    child.stdout = Some(output);
    child
}

#[tokio::test]
async fn items_of_processes_that_share_a_folder_arrive_once_also_if_some_are_killed() {
    let portal = Portal::start().unwrap();
    portal.inject(Fault::status(503).until_ended()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (connection, path) = (portal.connection_string(), folder.path().to_str().unwrap().to_owned());
    let mut processes = Vec::new();
    for name in 0..4 {
        let (connection, path) = (connection.clone(), path.clone());
        processes.push(tokio::task::spawn_blocking(move || spawn(name, &connection, &path)).await.unwrap());
    }
    for (at, mut process) in processes.into_iter().enumerate() {
        if at % 2 == 0 {
            process.kill().unwrap();
        }
        let status = tokio::task::spawn_blocking(move || process.wait_with_output()).await.unwrap().unwrap().status;
        assert_eq!(status.success(), at % 2 != 0, "{at}: {status}");
    }
    assert!(portal.faults().hits >= 4);
    portal.end_faults();
    let telemetry = start(&connection, &path);
    let items = portal.wait_for_within(events(), 4 * ITEMS, TIMEOUT).await.unwrap();
    assert!(telemetry.flush(TIMEOUT).await.complete);
    let stats = telemetry.shutdown(TIMEOUT).await.stats;
    assert_eq!((stats.recovered, stats.stored, stats.dropped.total()), (4 * ITEMS as u64, 0, 0), "{stats:?}");
    let names: BTreeSet<_> = items.iter().map(|item| &item.name).collect();
    assert_eq!((names.len(), portal.count(events()).await.unwrap().0), (4 * ITEMS, 4 * ITEMS as u64), "{names:?}");
}
