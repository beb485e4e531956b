//! What the tests share.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::exporter::{Batch, Destination, Mark};
use crate::store::clock::WallClock;
use crate::store::disk::Disk;
use crate::store::{Store, StoreOptions, Take};

/// A folder with everything that opens stores in it.
pub(super) struct Bed {
    pub(super) folder: tempfile::TempDir,
    pub(super) options: StoreOptions,
    pub(super) now: Instant,
    pub(super) wall: WallClock,
}

pub(super) const ALL: Take = Take::Oldest { items: usize::MAX, bytes: usize::MAX };

impl Bed {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::new(folder.path().join("store"));
        Self { folder, options, now: Instant::now(), wall: WallClock::default() }
    }

    pub(super) fn open(&self) -> Store {
        self.open_on(Disk::default())
    }

    pub(super) fn open_on(&self, disk: Disk) -> Store {
        Store::open_on(disk, self.wall.clone(), &self.options, destination(), self.now).unwrap()
    }

    /// Bytes of all files.
    pub(super) fn size(&self) -> u64 {
        size(&self.options.path)
    }
}

/// Bytes of all files below a folder.
pub(super) fn size(folder: &Path) -> u64 {
    files(folder).iter().map(|path| path.symlink_metadata().unwrap().len()).sum()
}

pub(super) fn destination() -> Destination {
    Destination::new(["https://shop.example", "key"])
}

/// All files below a folder.
pub(super) fn files(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).into_iter().flatten() {
        let path = entry.unwrap().path();
        // Another store may delete it meanwhile.
        if path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The segments, journals and files set aside.
pub(super) fn stored(path: &Path) -> Vec<PathBuf> {
    let mut found = files(path);
    found.retain(|path| !path.ends_with("usage") && !path.ends_with("lock"));
    found
}

/// Measures all files again and again, each time while no store may change any.
pub(super) struct Watch {
    stop: Sender<()>,
    thread: JoinHandle<u64>,
}

impl Watch {
    pub(super) fn start(path: &Path) -> Self {
        let (path, (stop, stopped)) = (path.to_owned(), channel());
        let thread = std::thread::spawn(move || {
            let mut highest = 0;
            while stopped.recv_timeout(Duration::from_millis(1)) == Err(RecvTimeoutError::Timeout) {
                let usage = std::fs::File::options().read(true).write(true).open(path.join("usage")).unwrap();
                usage.lock().unwrap();
                let size = |path: PathBuf| path.symlink_metadata().map_or(0, |metadata| metadata.len());
                highest = highest.max(files(&path).into_iter().map(size).sum());
            }
            highest
        });
        Self { stop, thread }
    }

    /// The most bytes at any time.
    pub(super) fn highest(self) -> u64 {
        drop(self.stop);
        self.thread.join().unwrap()
    }
}

/// A batch of successes.
pub(super) fn batch(items: &[&str]) -> Batch {
    marked(items.iter().map(|item| (*item, 0, false)))
}

pub(super) fn marked<'a>(items: impl IntoIterator<Item = (&'a str, u64, bool)>) -> Batch {
    let mut batch = Batch::default();
    for (item, operation, is_failure) in items {
        batch.push_bytes(|bytes| bytes.extend_from_slice(item.as_bytes()));
        batch.mark_last(Mark { operation, is_failure });
    }
    batch
}

pub(super) fn texts(batch: &Batch) -> Vec<String> {
    batch.chunks().map(|chunk| String::from_utf8_lossy(chunk).into_owned()).collect()
}

/// The items of everything that can be loaded, sorted.
pub(super) fn drain(store: &mut Store, now: Instant) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(batch) = store.take(ALL, now) {
        found.extend(texts(&batch));
        store.settle(&batch);
    }
    found.sort();
    found
}
