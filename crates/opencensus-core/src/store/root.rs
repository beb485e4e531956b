//! The root folder, which all processes lock for as long as they change files in it.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::store::clock::{FIRST_LOOK, WallClock, advance};
use crate::store::disk::Disk;
use crate::store::file_name::USAGE;
use crate::store::scan::scan;
use crate::store::usage::{self, Usage};

/// The root folder.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) path: PathBuf,
    pub(super) disk: Disk,
    pub(super) wall: WallClock,
    pub(super) last_look: Option<Instant>,
}

/// The lock of the root folder, with the account.
#[derive(Debug)]
pub(super) struct RootLock {
    file: File,
    disk: Disk,
    pub(super) usage: Usage,
}

const PAUSE: Duration = Duration::from_millis(2);

impl Root {
    /// Locks the folder, waiting for at most `patience`. With the time, the store's clock advances.
    pub(super) fn lock(&mut self, patience: Duration, now: Option<Instant>) -> io::Result<RootLock> {
        let file = self.wait(patience)?;
        let usage = Usage::decode(&self.disk.read_start(&file, usage::SIZE + 1)?);
        let is_damaged = usage.is_none();
        let mut lock = RootLock { file, disk: self.disk.clone(), usage: usage.unwrap_or_default() };
        if is_damaged {
            lock.usage = self.count()?;
        }
        if let Some(now) = now {
            let wall = self.wall.now();
            let measured = self.last_look.map_or(FIRST_LOOK, |last| now.saturating_duration_since(last));
            lock.usage.clock = lock.usage.clock.saturating_add(advance(wall, lock.usage.wall, measured));
            lock.usage.wall = wall;
        }
        if now.is_some() || is_damaged {
            lock.save()?;
        }
        // After the write: the time since the last recorded look counts.
        self.last_look = now.or(self.last_look);
        Ok(lock)
    }

    fn wait(&self, patience: Duration) -> io::Result<File> {
        let path = self.path.join(USAGE);
        let mut waited = Duration::ZERO;
        loop {
            let file = self.disk.open_lock(&path)?;
            match file.try_lock() {
                // The file may have been replaced before it was locked.
                Ok(()) if self.disk.is_same(&file, &path)? => return Ok(file),
                Ok(()) | Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
            if waited >= patience {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
    }

    /// A new account of what is there.
    fn count(&self) -> io::Result<Usage> {
        let files = scan(&self.disk, &self.path)?;
        let wall = self.wall.now();
        let newest = files.iter().filter_map(|found| found.name.stamp()).max().unwrap_or(0);
        Ok(Usage {
            used: files.iter().map(|found| found.size).sum(),
            // Other processes notice that something may have happened to their files.
            evictions: crate::ids::random_below(u64::MAX),
            evicted: 0,
            clock: wall.max(newest.saturating_mul(1000)),
            wall,
        })
    }

    pub(super) fn scan(&self) -> io::Result<Vec<crate::store::scan::Found>> {
        scan(&self.disk, &self.path)
    }

    pub(super) fn path(&self, folder: &str) -> PathBuf {
        self.path.join(folder)
    }
}

impl RootLock {
    /// Adds bytes that are about to be written.
    pub(super) fn add(&mut self, bytes: u64) -> io::Result<()> {
        self.usage.used = self.usage.used.saturating_add(bytes);
        self.save()
    }

    /// Subtracts bytes that are deleted.
    pub(super) fn subtract(&mut self, bytes: u64) {
        self.usage.used = self.usage.used.saturating_sub(bytes);
        // Without the write, the account is too high until it is counted again.
        let _ = self.save();
    }

    /// Counts items that are about to be dropped for lack of room. The count outlives the process, if it is killed.
    pub(super) fn count_evicted(&mut self, items: usize) -> io::Result<()> {
        self.usage.evicted = self.usage.evicted.saturating_add(items as u64);
        self.save()
    }

    /// Deletes a file, if it is there.
    pub(super) fn delete(&mut self, path: &Path, size: u64) -> io::Result<()> {
        match self.disk.remove(path) {
            Ok(()) => self.subtract(size),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    pub(super) fn save(&self) -> io::Result<()> {
        self.disk.write_start(&self.file, &self.usage.encode())
    }
}
