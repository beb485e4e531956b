//! Several processes with one folder, some of which are killed while they write.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::ids::random_below;
use crate::store::tests::bed::{Watch, destination, drain, marked, stored};
use crate::store::{Store, StoreOptions};

const FOLDER: &str = "STORE_OF_SEVERAL";
const NAME: &str = "STORE_WRITER";
const COUNT: &str = "STORE_PUTS";
const JOURNALS: &str = "STORE_JOURNALS";
const MAX_BYTES: u64 = 300_000;
const SOON: Duration = Duration::from_secs(60);

fn options(folder: &Path) -> StoreOptions {
    StoreOptions { max_bytes: MAX_BYTES, ..StoreOptions::new(folder) }
}

/// Reports an item whose call has returned.
fn report(item: &str) {
    writeln!(std::io::stdout(), "\nstored {item}").unwrap();
}

/// Runs in a process of its own: stores a failure and a success at a time, and writes the failure's name as soon as it
/// is stored.
#[test]
fn writer() {
    let (Some(folder), Ok(name)) = (std::env::var_os(FOLDER), std::env::var(NAME)) else { return };
    let puts = std::env::var(COUNT).unwrap().parse().unwrap();
    let now = Instant::now();
    let mut store = Store::open(&options(Path::new(&folder)), destination(), now).unwrap();
    if std::env::var_os(JOURNALS).is_some() {
        return write_journals(&mut store, &name, puts);
    }
    for at in 0..puts {
        let (failure, success) = (format!("f-{name}-{at:05}"), format!("s-{name}-{at:05} {}", "x".repeat(300)));
        let batch = marked([(&*failure, 1, true), (&*success, 2, false)]);
        // Others hold the lock, or have filled the store.
        while store.put(&batch, now).is_err() {}
        report(&failure);
    }
}

/// Batches of 20 items, each item in the journal before the next.
fn write_journals(store: &mut Store, name: &str, items: usize) {
    let now = Instant::now();
    let mut batch = marked([]);
    for at in 0..items {
        let item = format!("f-{name}-{at:05}");
        batch.push_bytes(|bytes| bytes.extend_from_slice(item.as_bytes()));
        batch.mark_last(crate::exporter::Mark { operation: 1, is_failure: true });
        store.journal(&mut batch, now);
        assert_eq!(batch.journaled, batch.len());
        report(&item);
        if batch.len() == 20 {
            store.put(&std::mem::replace(&mut batch, marked([])), now).unwrap();
        }
    }
}

/// A process that writes, and what it has reported.
struct Writer {
    process: Child,
    reported: Arc<Mutex<Vec<String>>>,
    reader: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    fn start(folder: &Path, name: &str, puts: usize, journals: bool) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "store::tests::processes::writer", "--nocapture"]);
        command.env(FOLDER, folder).env(NAME, name).env(COUNT, puts.to_string());
        if journals {
            command.env(JOURNALS, "yes");
        }
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let output = std::io::BufReader::new(process.stdout.take().unwrap());
        let reported = Arc::<Mutex<Vec<String>>>::default();
        let list = Arc::clone(&reported);
        let reader = std::thread::spawn(move || {
            for line in std::io::BufRead::lines(output).map_while(Result::ok) {
                list.lock().unwrap().extend(line.strip_prefix("stored ").map(str::to_owned));
            }
        });
        Self { process, reported, reader: Some(reader) }
    }

    fn count(&self) -> usize {
        self.reported.lock().unwrap().len()
    }

    /// Kills the process while it writes, after this many reports. Returns everything that it has reported.
    fn kill_after(&mut self, reports: usize) -> Vec<String> {
        let begun = Instant::now();
        while self.count() < reports {
            assert!(begun.elapsed() < SOON, "{} of {reports}", self.count());
            std::thread::sleep(Duration::from_micros(random_below(2_000)));
        }
        self.process.kill().unwrap();
        self.end(false)
    }

    /// Waits for the end of the process.
    fn end(&mut self, succeeds: bool) -> Vec<String> {
        assert_eq!(self.process.wait().unwrap().success(), succeeds);
        self.reader.take().unwrap().join().unwrap();
        std::mem::take(&mut self.reported.lock().unwrap())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether every item was found, and none twice.
fn assert_exactly_once(reported: &[String], found: &[String]) {
    let set: HashSet<_> = found.iter().collect();
    assert_eq!(set.len(), found.len(), "an item came back twice");
    let lost: Vec<_> = reported.iter().filter(|item| !set.contains(item)).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), reported.len());
}

#[test]
fn processes_that_are_killed_while_they_write_lose_nothing_and_stay_within_the_bound() {
    const ENDLESS: usize = usize::MAX;
    let folder = tempfile::tempdir().unwrap();
    let now = Instant::now();
    drop(Store::open(&options(folder.path()), destination(), now).unwrap());
    let watch = Watch::start(folder.path());
    let start = |name: &str, puts| Writer::start(folder.path(), name, puts, false);
    let mut killed = [start("a", ENDLESS), start("b", ENDLESS)];
    let mut others = [start("c", 300), start("d", 300)];
    let mut reported = Vec::new();
    for writer in &mut killed {
        reported.extend(writer.kill_after(50 + random_below(100) as usize));
    }
    // Two folders are adopted while the others still write.
    let mut store = Store::open(&options(folder.path()), destination(), now).unwrap();
    let mut found = drain(&mut store, now);
    for writer in &mut others {
        reported.extend(writer.end(true));
    }
    store.maintain(now + Duration::from_secs(61));
    found.extend(drain(&mut store, now));
    let highest = watch.highest();
    assert!(highest <= MAX_BYTES && highest > MAX_BYTES / 2, "{highest}");
    assert!(reported.len() >= 700);
    assert_exactly_once(&reported, &found);
    assert_eq!(stored(folder.path()).len(), 0);
}

#[test]
fn process_that_is_killed_while_it_writes_journals_loses_nothing() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::start(folder.path(), "a", 100_000, true);
        let reported = writer.kill_after(100 + random_below(200) as usize);
        let now = Instant::now();
        let mut store = Store::open(&options(folder.path()), destination(), now).unwrap();
        let mut found = drain(&mut store, now);
        // The batch that was put when the process ended may be in its journal and in its segment.
        let all = found.len();
        found.dedup();
        assert!(matches!(all - found.len(), 0 | 20), "{all} {}", found.len());
        assert_exactly_once(&reported, &found);
        assert_eq!(store.take_changes().corrupt, 0);
    }
}
