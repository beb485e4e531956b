//! Loading segments.

use std::io;
use std::time::Instant;

use crate::exporter::Batch;
use crate::store::file_name::set_aside;
use crate::store::format::{self, FormatError};
use crate::store::hand::Content;
use crate::store::index::Key;
use crate::store::segments::Store;

/// Which batch to load.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Take {
    /// The oldest segments, together at most this many items and bytes, at least one segment.
    Oldest { items: usize, bytes: usize },
    /// One small segment, to find out whether the endpoint works.
    Smallest,
}

/// The retention has this many slots, which begin at fixed points of the store's clock. Only segments of one slot are
/// loaded together: what is written again gets the age of the oldest, so an item expires one slot too early at most,
/// however often that happens.
const SLOTS: u64 = 48;

/// The largest file that is read.
pub(super) const MAX_FILE: u64 = 64 * 1024 * 1024;

impl Store {
    /// Loads a batch, whose files stay until it is settled.
    pub(crate) fn take(&mut self, take: Take, now: Instant) -> Option<Batch> {
        if self.is_forked() {
            return None;
        }
        let mut batch = Batch::default();
        match take {
            Take::Smallest => {
                while batch.is_empty()
                    && let Some((key, size)) = self.index.smallest()
                {
                    self.load(key, size, &mut batch);
                }
            }
            Take::Oldest { items, bytes } => {
                let seconds = (self.options.retention.as_secs() / SLOTS).max(1);
                let slot = |key: Key| key.name.batch.stamp / seconds;
                let first = self.index.oldest().map(|(key, _)| slot(key));
                while let Some((key, size)) = self.index.oldest()
                    && fits(&batch, key, size, items, bytes)
                    && (batch.is_empty() || first == Some(slot(key)))
                {
                    self.load(key, size, &mut batch);
                }
            }
        }
        if batch.files.is_empty() {
            return None;
        }
        batch.journaled = usize::MAX;
        batch.set_started(now);
        batch.close();
        Some(batch)
    }

    /// Adds the items of a segment to the batch, or sets the segment aside if it is damaged.
    fn load(&mut self, key: Key, size: u64, batch: &mut Batch) {
        self.index.remove(key);
        let items = key.name.items as usize;
        let limit = MAX_FILE.min(self.options.max_bytes);
        let file = match self.root.disk.read(&self.key_path(key), limit) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.changes.evicted += items;
                return;
            }
            Err(_) => return self.set_aside(key),
        };
        match format::decode_segment(&file, self.destination) {
            Ok(found) if found.len() == items => {
                for (bytes, mark) in found {
                    batch.push_bytes(|buffer| buffer.extend_from_slice(bytes));
                    batch.mark_last(mark);
                }
                batch.files.push(self.hand.insert(Content::Segment(key), size));
            }
            // The version that wrote it may come back.
            Err(FormatError::FutureVersion) => {
                self.left_alone.insert(key);
                self.changes.corrupt += items;
            }
            _ => self.set_aside(key),
        }
    }

    /// Renames a segment that cannot be read.
    fn set_aside(&mut self, key: Key) {
        self.changes.corrupt += key.name.items as usize;
        self.changes.set_aside += 1;
        let bad = self.folder_path(key.folder).join(set_aside(&key.name.to_string()));
        if let Err(error) = self.root.disk.rename(&self.key_path(key), &bad) {
            self.left_alone.insert(key);
            self.fail(&error);
        }
    }
}

/// Whether a segment may be added to the batch.
fn fits(batch: &Batch, key: Key, size: u64, items: usize, bytes: usize) -> bool {
    batch.is_empty()
        || (batch.len() + key.name.items as usize <= items
            && batch.size() + format::bytes_of_items(size, key.name.items) <= bytes)
}
