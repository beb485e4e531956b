//! Watches the size of a folder.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// The files in a folder and its sub-folders.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct FolderSize {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

impl FolderSize {
    /// Adds up the files that are there now.
    pub(crate) fn of(folder: &Path) -> Self {
        let mut sum = Self::default();
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            // A file may be gone by now.
            let Ok(metadata) = entry.metadata() else { continue };
            let inner = match metadata.is_dir() {
                true => Self::of(&entry.path()),
                false => Self { files: 1, bytes: metadata.len() },
            };
            sum = Self { files: sum.files + inner.files, bytes: sum.bytes + inner.bytes };
        }
        sum
    }
}

/// A thread that samples the folder of a store every few milliseconds.
///
/// It shares the lock under which the processes create and delete files: without it, a file that is deleted in one
/// sub-folder while another is listed would be added to the one that replaces it.
pub(crate) struct FolderWatch {
    stopped: Arc<AtomicBool>,
    thread: JoinHandle<(u64, u64)>,
}

const PAUSE: Duration = Duration::from_millis(4);

impl FolderWatch {
    /// Begins to watch.
    pub(crate) fn start(store: &Path) -> Self {
        let (stopped, folder) = (Arc::new(AtomicBool::new(false)), PathBuf::from(store));
        let stop = stopped.clone();
        let thread = std::thread::spawn(move || {
            let (mut most, mut samples) = (0, 0);
            while !stop.load(Ordering::SeqCst) {
                if let Some(size) = locked_size(&folder) {
                    most = size.max(most);
                    samples += 1;
                }
                std::thread::sleep(PAUSE);
            }
            (most, samples)
        });
        Self { stopped, thread }
    }

    /// Ends. Returns the largest size of all samples, and their number.
    pub(crate) fn stop(self) -> (u64, u64) {
        self.stopped.store(true, Ordering::SeqCst);
        self.thread.join().expect("the watch")
    }
}

/// The bytes in the folder while no process changes it. `None` until there is a store.
fn locked_size(folder: &Path) -> Option<u64> {
    let lock = File::open(folder.join("usage")).ok()?;
    lock.lock_shared().ok()?;
    Some(FolderSize::of(folder).bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_folders_count() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("a")).unwrap();
        std::fs::write(folder.path().join("a/b"), [0; 7]).unwrap();
        std::fs::write(folder.path().join("c"), [0; 5]).unwrap();
        assert_eq!(FolderSize::of(folder.path()), FolderSize { files: 2, bytes: 12 });
    }
}
