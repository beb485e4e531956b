//! Writing segments and journals.

use std::io;
use std::time::Instant;

use crate::exporter::Batch;
use crate::store::class;
use crate::store::file_name::{BatchName, FileName, SegmentName, temporary};
use crate::store::format::{self, Item};
use crate::store::hand::{Content, Held};
use crate::store::index::{FolderId, Key};
use crate::store::root::RootLock;
use crate::store::segments::Store;
use crate::store::store_error::PutError;
use crate::store::{eviction, usage};

impl Store {
    /// Stores a batch. A batch that was loaded whole is available again, without a write.
    pub(crate) fn put(&mut self, batch: &Batch, now: Instant) -> Result<(), PutError> {
        if self.is_forked() || !batch.is_encoded() {
            return Err(PutError::Unavailable);
        }
        if batch.is_empty() {
            self.settle(batch);
            return Ok(());
        }
        if self.give_back(batch) {
            return Ok(());
        }
        match self.write(batch, now) {
            Ok(true) => {
                self.succeed();
                self.settle(batch);
                Ok(())
            }
            Ok(false) => Err(PutError::Full),
            Err(error) => {
                self.fail(&error);
                Err(PutError::Unavailable)
            }
        }
    }

    /// Makes the segments from which the whole batch was loaded available again. Returns whether that was possible.
    fn give_back(&mut self, batch: &Batch) -> bool {
        let Some(segments) = self.hand.whole(&batch.files, batch.len()) else { return false };
        let is_there = |key| self.root.disk.inspect(&self.key_path(key)).is_ok_and(|facts| facts.is_plain);
        if !segments.iter().all(|(key, _)| is_there(*key)) {
            return false;
        }
        for id in &batch.files {
            self.hand.release(*id);
        }
        for (key, size) in segments {
            self.index.insert(key, size);
        }
        true
    }

    /// Writes the batch as one segment per class. Returns whether there was room for the failures.
    fn write(&mut self, batch: &Batch, now: Instant) -> io::Result<bool> {
        let mut lock = self.lock(Some(now))?;
        self.restore_folder()?;
        let stamp = self.hand.stamp(&batch.files).unwrap_or_else(|| lock.usage.seconds());
        let name = self.next_name(stamp);
        let (failures, successes) = class::divide(batch.marked());
        let mut written = None;
        if !failures.is_empty() {
            written = self.write_segment(&mut lock, 0, name, true, &failures)?;
            if written.is_none() {
                self.full_at = Some(lock.usage.used);
                return Ok(false);
            }
        }
        if !successes.is_empty() {
            match self.write_segment(&mut lock, 0, name, false, &successes) {
                Ok(Some((key, size))) => self.index.insert(key, size),
                Ok(None) => {
                    lock.count_evicted(successes.len())?;
                    self.changes.evicted += successes.len();
                }
                Err(error) => {
                    // Both or none: the batch stays in memory.
                    if let Some((key, size)) = written {
                        lock.delete(&self.key_path(key), size)?;
                    }
                    return Err(error);
                }
            }
        }
        if let Some((key, size)) = written {
            self.index.insert(key, size);
        }
        Ok(true)
    }

    fn next_name(&mut self, stamp: u64) -> BatchName {
        self.sequence += 1;
        BatchName::new(stamp, self.sequence)
    }

    /// Writes a segment if there is room for it.
    pub(super) fn write_segment(
        &mut self,
        lock: &mut RootLock,
        folder: FolderId,
        batch: BatchName,
        is_failure: bool,
        items: &[Item<'_>],
    ) -> io::Result<Option<(Key, u64)>> {
        let size = format::segment_size(items);
        if !self.make_room(lock, size)? {
            return Ok(None);
        }
        let name = SegmentName { batch, is_failure, items: u32::try_from(items.len()).unwrap_or(u32::MAX) };
        let key = Key { name, folder };
        let path = self.key_path(key);
        let temporary = self.folder_path(folder).join(temporary(&name.to_string()));
        let file = format::encode_segment(self.destination, batch.stamp, is_failure, items);
        lock.add(size)?;
        if let Err(error) = self.root.disk.write_new(&temporary, &path, &file) {
            if self.root.disk.remove(&temporary).is_ok() {
                lock.subtract(size);
            }
            return Err(error);
        }
        Ok(Some((key, size)))
    }

    /// Evicts what must be evicted for so many bytes. Returns whether there is room for them.
    pub(super) fn make_room(&mut self, lock: &mut RootLock, bytes: u64) -> io::Result<bool> {
        let room = self.options.max_bytes.saturating_sub(usage::SIZE);
        if lock.usage.used.saturating_add(bytes) <= room {
            return Ok(true);
        }
        // The account may be too high.
        let files = self.root.scan()?;
        lock.usage.used = files.iter().map(|found| found.size).sum();
        lock.save()?;
        let Some(deficit) = lock.usage.used.saturating_add(bytes).checked_sub(room).filter(|deficit| *deficit > 0)
        else {
            return Ok(true);
        };
        let key = |found: &crate::store::scan::Found| match found.name {
            FileName::Segment(name) => self.folder_id(&found.folder).map(|folder| Key { name, folder }),
            _ => None,
        };
        let is_held = |found: &crate::store::scan::Found| key(found).is_some_and(|key| self.hand.holds(key));
        let Some(evicted) = eviction::plan(files, deficit, is_held) else { return Ok(false) };
        let evicted: Vec<_> = evicted.into_iter().map(|found| (key(&found), found)).collect();
        for (key, found) in evicted {
            if let FileName::Segment(name) = found.name {
                lock.count_evicted(name.items as usize)?;
            }
            lock.delete(&found.path, found.size)?;
            match key {
                Some(key) => {
                    if self.index.remove(key).is_some() {
                        self.changes.evicted += key.name.items as usize;
                    }
                }
                None => {
                    // The process to which the file belongs will look.
                    lock.usage.evictions = lock.usage.evictions.wrapping_add(1);
                    self.evictions = lock.usage.evictions;
                    lock.save()?;
                }
            }
        }
        Ok(true)
    }

    fn folder_id(&self, name: &str) -> Option<FolderId> {
        self.folders.iter().position(|folder| folder.as_ref().is_some_and(|folder| folder.name == name))
    }

    /// Writes the items that are not yet on disk to the batch's journal.
    pub(crate) fn journal(&mut self, batch: &mut Batch, now: Instant) {
        if !self.options.journal || self.is_forked() || !batch.is_encoded() || batch.journaled >= batch.len() {
            return;
        }
        let result = match &batch.files[..] {
            [] => self.create_journal(batch, now),
            [id] => match self.hand.get_mut(*id).copied() {
                Some(held) => self.append(batch, held),
                None => Ok(false),
            },
            _ => Ok(false),
        };
        match result {
            Ok(true) => {
                batch.journaled = batch.len();
                self.succeed();
            }
            // No room, or the batch has a segment.
            Ok(false) => batch.journaled = usize::MAX,
            Err(error) => {
                if error.kind() != io::ErrorKind::WouldBlock {
                    batch.journaled = usize::MAX;
                }
                self.fail(&error);
            }
        }
    }

    fn create_journal(&mut self, batch: &mut Batch, now: Instant) -> io::Result<bool> {
        let mut lock = self.lock(Some(now))?;
        self.restore_folder()?;
        let stamp = lock.usage.seconds();
        let mut file = format::journal_header(self.destination, stamp);
        file.reserve_exact(batch.size() + batch.len() * format::FRAME_SIZE);
        batch.marked().for_each(|item| format::push_frame(&mut file, item));
        let written = file.len() as u64;
        let size = written.div_ceil(self.chunk()) * self.chunk();
        if !self.make_room(&mut lock, size)? {
            return Ok(false);
        }
        let name = self.next_name(stamp);
        let path = self.folder_path(0).join(name.journal());
        lock.add(size)?;
        if let Err(error) = self.root.disk.create_with_room(&path, &file, size) {
            if self.root.disk.remove(&path).is_ok() {
                lock.subtract(size);
            }
            return Err(error);
        }
        batch.files.push(self.hand.insert(Content::Journal { name, written }, size));
        Ok(true)
    }

    /// Writes further items to a journal.
    fn append(&mut self, batch: &Batch, held: Held) -> io::Result<bool> {
        let Content::Journal { written, .. } = held.content else { return Ok(false) };
        let mut frames = Vec::new();
        batch.marked().skip(batch.journaled).for_each(|item| format::push_frame(&mut frames, item));
        let path = self.held_path(&held);
        let end = written + frames.len() as u64;
        let mut size = held.size;
        if end > size {
            size = end.div_ceil(self.chunk()) * self.chunk();
            let mut lock = self.lock(None)?;
            if !self.make_room(&mut lock, size - held.size)? {
                return Ok(false);
            }
            lock.add(size - held.size)?;
            self.root.disk.extend(&path, size)?;
        }
        self.root.disk.write_at(&path, written, &frames)?;
        if let [id] = batch.files[..]
            && let Some(held) = self.hand.get_mut(id)
        {
            held.size = size;
            if let Content::Journal { written, .. } = &mut held.content {
                *written = end;
            }
        }
        Ok(true)
    }

    /// The room of a journal grows by so many bytes.
    fn chunk(&self) -> u64 {
        (self.options.max_bytes / 64).clamp(4 * 1024, 64 * 1024)
    }
}
