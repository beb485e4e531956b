//! The store of one process.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::exporter::{Batch, Destination};
use crate::store::changes::Changes;
use crate::store::clock::WallClock;
use crate::store::disk::Disk;
use crate::store::file_name::{self, LOCK};
use crate::store::folder;
use crate::store::hand::{Hand, Held};
use crate::store::index::{FolderId, Index, Key};
use crate::store::options::StoreOptions;
use crate::store::root::{Root, RootLock};
use crate::store::store_error::StoreError;

/// The segments of this process on disk.
#[derive(Debug)]
pub(crate) struct Store {
    pub(super) options: StoreOptions,
    pub(super) destination: Destination,
    pub(super) root: Root,
    // The first is its own one; a folder that was adopted and is empty leaves a gap.
    pub(super) folders: Vec<Option<Folder>>,
    pub(super) index: Index,
    pub(super) hand: Hand,
    // Segments of a later version, and those that could not be set aside.
    pub(super) left_alone: HashSet<Key>,
    pub(super) changes: Changes,
    pub(super) sequence: u64,
    // The bytes in use when a failure did not fit.
    pub(super) full_at: Option<u64>,
    // The evictions that are known, and whether there were others since the last refresh.
    pub(super) evictions: u64,
    pub(super) is_stale: bool,
    pub(super) last_adoption: Option<Instant>,
    trouble: Option<String>,
    is_troubled: bool,
    process: u32,
}

/// A sub-folder that this process holds.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) name: String,
    // Locked as long as it is open.
    pub(super) _lock: File,
}

/// How long an operation waits for the lock of the root folder, and how long a start does.
const PATIENCE: Duration = Duration::from_millis(50);
const START_PATIENCE: Duration = Duration::from_secs(2);

impl Store {
    /// Opens the folder and takes over the folders of ended processes.
    pub(crate) fn open(options: &StoreOptions, destination: Destination, now: Instant) -> Result<Self, StoreError> {
        Self::open_on(Disk::default(), WallClock::default(), options, destination, now)
    }

    pub(super) fn open_on(
        disk: Disk,
        wall: WallClock,
        options: &StoreOptions,
        destination: Destination,
        now: Instant,
    ) -> Result<Self, StoreError> {
        folder::open(&options.path)?;
        let mut store = Self {
            options: options.clone(),
            destination,
            root: Root { path: options.path.clone(), disk, wall, last_look: None },
            folders: Vec::new(),
            index: Index::default(),
            hand: Hand::default(),
            left_alone: HashSet::new(),
            changes: Changes::default(),
            sequence: 0,
            full_at: None,
            evictions: 0,
            is_stale: false,
            last_adoption: None,
            trouble: None,
            is_troubled: false,
            process: std::process::id(),
        };
        store.start(now).map_err(|error| {
            let path = options.path.display();
            StoreError(format!("the store's folder `{path}` cannot be used: {error}; choose another folder"))
        })?;
        Ok(store)
    }

    fn start(&mut self, now: Instant) -> io::Result<()> {
        let mut lock = self.root.lock(START_PATIENCE, Some(now))?;
        self.evictions = lock.usage.evictions;
        lock.usage.used = self.root.scan()?.iter().map(|found| found.size).sum();
        lock.save()?;
        let own = self.create_folder()?;
        self.folders.push(Some(own));
        self.adopt(&mut lock)?;
        self.expire(&mut lock)?;
        // The bound may be lower than before.
        self.make_room(&mut lock, 0)?;
        self.last_adoption = Some(now);
        Ok(())
    }

    /// Creates the sub-folder of this process. The root folder must be locked, or another process might adopt it.
    pub(super) fn create_folder(&self) -> io::Result<Folder> {
        let name = file_name::new_folder(self.destination);
        let path = self.root.path(&name);
        self.root.disk.create_folder(&path)?;
        let lock = self.root.disk.open_lock(&path.join(LOCK))?;
        lock.try_lock().map_err(io::Error::from)?;
        Ok(Folder { name, _lock: lock })
    }

    /// Locks the root folder, and creates it again if it was deleted.
    pub(super) fn lock(&mut self, now: Option<Instant>) -> io::Result<RootLock> {
        let lock = match self.root.lock(PATIENCE, now) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                folder::open(&self.options.path).map_err(io::Error::other)?;
                self.root.lock(PATIENCE, now)?
            }
            lock => lock?,
        };
        self.is_stale |= self.evictions != lock.usage.evictions;
        self.evictions = lock.usage.evictions;
        if self.full_at.is_some_and(|at| lock.usage.used < at) {
            self.full_at = None;
        }
        Ok(lock)
    }

    /// Records that a batch with files was divided into this many parts, each of which will be put or settled.
    pub(crate) fn divide(&mut self, batch: &Batch, parts: usize) {
        if parts == 0 {
            return self.settle(batch);
        }
        for id in &batch.files {
            self.hand.divide(*id, parts);
        }
    }

    /// Records that a batch, or a part, is delivered or dropped. With its last part a file is deleted.
    pub(crate) fn settle(&mut self, batch: &Batch) {
        if self.is_forked() {
            return;
        }
        let files: Vec<_> = batch.files.iter().filter_map(|id| self.hand.release(*id)).collect();
        if files.is_empty() {
            return;
        }
        let mut lock = self.lock(None);
        for held in files {
            let path = self.held_path(&held);
            let result = match &mut lock {
                Ok(lock) => lock.delete(&path, held.size),
                // The account stays too high until it is counted again.
                Err(_) => self.root.disk.remove(&path),
            };
            match result {
                Err(error) if error.kind() != io::ErrorKind::NotFound => self.fail(&error),
                _ => {}
            }
        }
        if let Ok(lock) = &lock
            && self.full_at.is_some_and(|at| lock.usage.used < at)
        {
            self.full_at = None;
        }
    }

    /// Items on disk that are not loaded.
    pub(crate) fn items(&self) -> usize {
        self.index.items()
    }

    /// Whether a failure could not be stored now, because everything stored is a failure.
    pub(crate) fn is_full(&self) -> bool {
        self.full_at.is_some()
    }

    /// What happened since the last call.
    pub(crate) fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// Why the last operation failed, once.
    pub(crate) fn take_trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Records a failure of the disk, which is reported once until a write succeeds.
    pub(super) fn fail(&mut self, error: &io::Error) {
        // Another process holds the lock: the next attempt will do.
        if error.kind() == io::ErrorKind::WouldBlock || self.is_troubled {
            return;
        }
        self.is_troubled = true;
        self.trouble = Some(format!("the store in `{}` cannot be written: {error}", self.options.path.display()));
    }

    pub(super) fn succeed(&mut self) {
        self.is_troubled = false;
    }

    /// Whether this is a child process that was forked. The files belong to its parent.
    pub(super) fn is_forked(&self) -> bool {
        self.process != std::process::id()
    }

    pub(super) fn folder_path(&self, folder: FolderId) -> PathBuf {
        let name = self.folders.get(folder).and_then(Option::as_ref).map_or("", |folder| &folder.name);
        self.root.path(name)
    }

    pub(super) fn key_path(&self, key: Key) -> PathBuf {
        self.folder_path(key.folder).join(key.name.to_string())
    }

    pub(super) fn held_path(&self, held: &Held) -> PathBuf {
        self.folder_path(held.folder()).join(held.file())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.is_forked() {
            return;
        }
        // Another process cleans up if the root folder is locked now.
        if let Ok(mut lock) = self.root.lock(PATIENCE, None) {
            for folder in 0..self.folders.len() {
                self.remove_if_empty(folder, &mut lock);
            }
        }
    }
}
