//! A child that a process forks after it has opened a store.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use daemonize::{Daemonize, Outcome};
use test_support::process::run_test;

use crate::store::tests::bed::{ALL, batch, destination, drain, files, stored, texts};
use crate::store::{Store, StoreOptions, Take};

const FOLDER: &str = "FORKED_STORE";
const SOON: Duration = Duration::from_secs(20);

/// Every file with its content, except for the account with its clock.
fn contents(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = files(path).into_iter().filter(|path| !path.ends_with("usage"));
    files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// Runs in a process of its own.
#[test]
fn parent() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let report = Path::new(&folder).join("report");
    let options = StoreOptions::new(Path::new(&folder).join("store"));
    let now = Instant::now();
    let mut store = Store::open(&options, destination(), now).unwrap();
    store.put(&batch(&["loaded"]), now).unwrap();
    let loaded = store.take(ALL, now).unwrap();
    store.put(&batch(&["stored"]), now).unwrap();
    let mut open = batch(&["journaled"]);
    store.journal(&mut open, now);
    let before = contents(&options.path);
    assert_eq!(stored(&options.path).len(), 3);
    match Daemonize::new().execute() {
        Outcome::Parent(_) => {
            let begun = Instant::now();
            while !report.exists() {
                assert!(begun.elapsed() < SOON, "the child reports");
                std::thread::sleep(Duration::from_millis(10));
            }
            assert_eq!(std::fs::read_to_string(report).unwrap(), "refused, 0 items");
            assert_eq!(contents(&options.path), before);
            store.put(&loaded, now).unwrap();
            store.settle(&open);
            assert_eq!(drain(&mut store, now), ["loaded", "stored"]);
            assert_eq!(stored(&options.path).len(), 0);
        }
        Outcome::Child(child) => {
            child.unwrap();
            let is_refused = store.put(&batch(&["new"]), now).is_err() && store.put(&loaded, now).is_err();
            let is_loaded = store.take(ALL, now).is_some() || store.take(Take::Smallest, now).is_some();
            store.journal(&mut batch(&["new"]), now);
            open.push_bytes(|bytes| bytes.extend_from_slice(b"new"));
            store.journal(&mut open, now);
            store.maintain(now + Duration::from_secs(61));
            store.settle(&open);
            store.settle(&loaded);
            drop(store);
            // A store of the child is another one, which leaves the files of the living parent alone.
            let mut own = Store::open(&options, destination(), now).unwrap();
            own.put(&batch(&["child"]), now).unwrap();
            let found = own.take(ALL, now).map(|batch| {
                own.settle(&batch);
                texts(&batch)
            });
            let is_own = found == Some(vec!["child".to_owned()]);
            let text =
                format!("{}, {} items", ["?", "refused"][usize::from(is_refused && !is_loaded && is_own)], own.items());
            drop(own);
            std::fs::write(report.with_extension("part"), text).unwrap();
            std::fs::rename(report.with_extension("part"), report).unwrap();
            std::process::exit(0);
        }
    }
}

#[test]
fn child_of_a_fork_writes_and_deletes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    run_test("store::tests::forked::parent", &[(FOLDER, folder.path().to_str().unwrap())]);
}
