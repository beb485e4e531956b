//! Journals of processes that have ended.

use std::io;

use crate::store::class;
use crate::store::file_name::BatchName;
use crate::store::format::{self, FormatError};
use crate::store::index::FolderId;
use crate::store::root::RootLock;
use crate::store::segments::Store;

impl Store {
    /// Turns a journal into segments.
    pub(super) fn recover_journal(&mut self, folder: FolderId, name: BatchName, lock: &mut RootLock) -> io::Result<()> {
        let path = self.folder_path(folder).join(name.journal());
        let file = match self.root.disk.read(&path, self.largest()) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(_) => {
                self.set_file_aside(folder, &name.journal());
                return Ok(());
            }
        };
        let is_done = match format::decode_journal(&file, self.destination) {
            Ok(items) => self.write_recovered(folder, name, items, lock)?,
            // The process ended before an item was written.
            Err(FormatError::Torn) => true,
            Err(FormatError::FutureVersion) => self.is_expired(name.stamp, lock),
            Err(FormatError::Corrupt | FormatError::Foreign) => {
                self.set_file_aside(folder, &name.journal());
                false
            }
        };
        if is_done { lock.delete(&path, file.len() as u64) } else { Ok(()) }
    }

    /// Writes the items of a journal. Returns whether all failures are in a segment, or another look must try again.
    fn write_recovered(
        &mut self,
        folder: FolderId,
        name: BatchName,
        items: Vec<format::Item<'_>>,
        lock: &mut RootLock,
    ) -> io::Result<bool> {
        let (failures, successes) = class::divide(items.into_iter());
        for (is_failure, items) in [(true, failures), (false, successes)] {
            if items.is_empty() {
                continue;
            }
            // With the journal's name, so that another attempt overwrites the same segment.
            match self.write_segment(lock, folder, name, is_failure, &items)? {
                Some((key, size)) => {
                    if !self.index.contains(key) {
                        self.changes.recovered += items.len();
                    }
                    self.index.insert(key, size);
                }
                None if is_failure => return Ok(false),
                None => {
                    lock.count_evicted(items.len())?;
                    self.changes.recovered += items.len();
                    self.changes.evicted += items.len();
                }
            }
        }
        Ok(true)
    }
}
