//! What the store does from time to time: expiry, adoption, repair.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::store::file_name::{FileName, LOCK, folder_destination, set_aside};
use crate::store::index::{FolderId, Key};
use crate::store::loading::MAX_FILE;
use crate::store::root::RootLock;
use crate::store::segments::{Folder, Store};

/// How often other folders are looked at.
const ADOPTION: Duration = Duration::from_secs(60);
/// How many folders are held at once.
const MAX_FOLDERS: usize = 64;

impl Store {
    /// Deletes what is too old, takes over folders of processes that have ended, recreates a deleted folder.
    pub(crate) fn maintain(&mut self, now: Instant) {
        if self.is_forked() {
            return;
        }
        if let Err(error) = self.look(now) {
            self.fail(&error);
        }
    }

    fn look(&mut self, now: Instant) -> io::Result<()> {
        let mut lock = self.lock(Some(now))?;
        self.restore_folder()?;
        let is_due = self.last_adoption.is_none_or(|last| now.saturating_duration_since(last) >= ADOPTION);
        if is_due || self.is_stale {
            self.refresh_all(&mut lock)?;
        }
        if is_due {
            self.last_adoption = Some(now);
            for folder in 1..self.folders.len() {
                self.remove_if_empty(folder, &mut lock);
            }
            self.adopt(&mut lock)?;
        }
        self.expire(&mut lock)
    }

    fn refresh_all(&mut self, lock: &mut RootLock) -> io::Result<()> {
        self.is_stale = false;
        for folder in 0..self.folders.len() {
            self.refresh(folder, lock)?;
        }
        Ok(())
    }

    /// Whether another process has evicted segments since the last look, perhaps some of this one.
    pub(crate) fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// Whether nothing is on disk, and nothing will be as long as batches are delivered.
    pub(crate) fn is_idle(&self) -> bool {
        !self.options.journal && self.index.items() == 0 && self.hand.is_empty()
    }

    /// The last look, so that the counts are exact at the end.
    pub(crate) fn close(&mut self) {
        if self.is_forked() {
            return;
        }
        let result =
            self.lock(None).and_then(|mut lock| if self.is_stale { self.refresh_all(&mut lock) } else { Ok(()) });
        if let Err(error) = result {
            self.fail(&error);
        }
    }

    /// Deletes the segments that are older than the retention.
    pub(super) fn expire(&mut self, lock: &mut RootLock) -> io::Result<()> {
        while let Some((key, size)) = self.index.oldest()
            && self.is_expired(key.name.batch.stamp, lock)
        {
            lock.delete(&self.key_path(key), size)?;
            self.index.remove(key);
            self.changes.expired += key.name.items as usize;
        }
        Ok(())
    }

    pub(super) fn is_expired(&self, stamp: u64, lock: &RootLock) -> bool {
        lock.usage.seconds().saturating_sub(stamp) > self.options.retention.as_secs()
    }

    /// Creates the own folder again if it was deleted, with everything in it.
    pub(super) fn restore_folder(&mut self) -> io::Result<()> {
        match self.root.disk.inspect(&self.folder_path(0)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            facts => return facts.map(drop),
        }
        self.forget(0);
        self.folders[0] = Some(self.create_folder()?);
        Ok(())
    }

    /// Counts the segments of a folder that no longer exists.
    fn forget(&mut self, folder: FolderId) {
        for key in self.index.of(folder) {
            self.index.remove(key);
            self.changes.evicted += key.name.items as usize;
        }
    }

    /// Compares a folder with what is known of it.
    fn refresh(&mut self, folder: FolderId, lock: &mut RootLock) -> io::Result<()> {
        if self.folders[folder].is_none() {
            return Ok(());
        }
        let path = self.folder_path(folder);
        let names = match self.root.disk.list(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.forget(folder);
                return Ok(());
            }
            names => names?,
        };
        let mut segments = BTreeSet::new();
        for text in names {
            let name = FileName::parse(&text);
            match name {
                FileName::Segment(name) => {
                    segments.insert(Key { name, folder });
                }
                FileName::Journal(name) if folder != 0 => self.recover_journal(folder, name, lock)?,
                FileName::Journal(name) if self.hand.holds_journal(name) => {}
                FileName::Journal(_) | FileName::Temporary => self.delete_quietly(&path.join(&text), lock),
                FileName::SetAside(stamp) if self.is_expired(stamp, lock) => {
                    self.delete_quietly(&path.join(&text), lock);
                }
                FileName::SetAside(_) | FileName::Lock | FileName::Unknown => {}
            }
        }
        self.compare(folder, &segments, lock);
        Ok(())
    }

    fn compare(&mut self, folder: FolderId, segments: &BTreeSet<Key>, lock: &mut RootLock) {
        for key in self.index.of(folder) {
            if !segments.contains(&key) && self.root.disk.inspect(&self.key_path(key)).is_err() {
                self.index.remove(key);
                self.changes.evicted += key.name.items as usize;
            }
        }
        for key in segments {
            let is_left_alone = self.left_alone.contains(key) && !self.is_expired(key.name.batch.stamp, lock);
            if !self.index.contains(*key) && !self.hand.holds(*key) && !is_left_alone {
                // It was delivered or dropped, but could not be deleted then.
                self.delete_quietly(&self.key_path(*key), lock);
                self.left_alone.remove(key);
            }
        }
    }

    pub(super) fn delete_quietly(&self, path: &Path, lock: &mut RootLock) {
        let size = self.root.disk.inspect(path).map_or(0, |facts| facts.size);
        // What cannot be deleted now is found again by the next look.
        let _ = lock.delete(path, size);
    }

    /// Takes over the folders of processes that have ended.
    pub(super) fn adopt(&mut self, lock: &mut RootLock) -> io::Result<()> {
        let destination = self.destination.to_string();
        for name in self.root.disk.list(&self.root.path)? {
            let path = self.root.path(&name);
            let is_known = self.folders.iter().flatten().any(|folder| folder.name == name);
            let Some(found) = folder_destination(&name).filter(|_| !is_known) else { continue };
            let is_own = found == destination;
            let held = self.folders.iter().flatten().count();
            if (is_own && held > MAX_FOLDERS) || !self.root.disk.inspect(&path).is_ok_and(|facts| facts.is_folder) {
                continue;
            }
            let Ok(file) = self.root.disk.open_lock(&path.join(LOCK)) else { continue };
            if file.try_lock().is_err() {
                continue;
            }
            if is_own {
                self.folders.push(Some(Folder { name, _lock: file }));
                self.index_folder(self.folders.len() - 1, lock)?;
            } else {
                self.sweep(&path, lock)?;
            }
        }
        Ok(())
    }

    /// Adds the files of an adopted folder.
    fn index_folder(&mut self, folder: FolderId, lock: &mut RootLock) -> io::Result<()> {
        let path = self.folder_path(folder);
        for text in self.root.disk.list(&path)? {
            match FileName::parse(&text) {
                FileName::Segment(name) => self.index_segment(Key { name, folder }),
                FileName::Journal(name) => self.recover_journal(folder, name, lock)?,
                FileName::Temporary => self.delete_quietly(&path.join(&text), lock),
                FileName::SetAside(_) | FileName::Lock | FileName::Unknown => {}
            }
        }
        self.remove_if_empty(folder, lock);
        Ok(())
    }

    fn index_segment(&mut self, key: Key) {
        match self.root.disk.inspect(&self.key_path(key)) {
            Ok(facts) if facts.is_plain && facts.size <= self.largest() => {
                if !self.index.contains(key) {
                    self.changes.recovered += key.name.items as usize;
                }
                self.index.insert(key, facts.size);
            }
            Ok(_) => self.set_file_aside(key.folder, &key.name.to_string()),
            Err(_) => {}
        }
    }

    pub(super) fn largest(&self) -> u64 {
        MAX_FILE.min(self.options.max_bytes)
    }

    /// Renames a file that cannot be read.
    pub(super) fn set_file_aside(&mut self, folder: FolderId, name: &str) {
        self.changes.set_aside += 1;
        let path = self.folder_path(folder);
        if let Err(error) = self.root.disk.rename(&path.join(name), &path.join(set_aside(name))) {
            if let FileName::Segment(name) = FileName::parse(name) {
                self.left_alone.insert(Key { name, folder });
            }
            self.fail(&error);
        }
    }

    /// Deletes what is too old in a dead folder of another destination, and the folder if it is empty.
    fn sweep(&self, path: &Path, lock: &mut RootLock) -> io::Result<()> {
        let mut is_empty = true;
        for text in self.root.disk.list(path)? {
            let name = FileName::parse(&text);
            let is_expired = name.stamp().is_some_and(|stamp| self.is_expired(stamp, lock));
            if is_expired || name == FileName::Temporary {
                self.delete_quietly(&path.join(&text), lock);
            } else {
                is_empty &= name == FileName::Lock;
            }
        }
        if is_empty {
            self.root.disk.remove(&path.join(LOCK))?;
            self.root.disk.remove_folder(path)?;
        }
        Ok(())
    }

    /// Removes a folder without files, and with it its lock.
    pub(super) fn remove_if_empty(&mut self, folder: FolderId, _: &mut RootLock) {
        if self.folders.get(folder).is_none_or(Option::is_none) || self.hand.holds_folder(folder) {
            return;
        }
        let path = self.folder_path(folder);
        let is_empty = |names: Vec<String>| names.iter().all(|name| name == LOCK);
        let is_removed = match self.root.disk.list(&path) {
            Ok(names) => {
                is_empty(names)
                    && self.root.disk.remove(&path.join(LOCK)).is_ok()
                    && self.root.disk.remove_folder(&path).is_ok()
            }
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if is_removed {
            self.folders[folder] = None;
        }
    }
}
