//! The segments that are not loaded.

use std::collections::BTreeMap;

use crate::store::file_name::SegmentName;

/// A sub-folder that this process holds. 0 is its own one.
pub(super) type FolderId = usize;

/// Where a segment is. The order is the age.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Key {
    pub(super) name: SegmentName,
    pub(super) folder: FolderId,
}

/// The segments with their sizes, oldest first.
#[derive(Debug, Default)]
pub(super) struct Index {
    segments: BTreeMap<Key, u64>,
    items: usize,
}

impl Index {
    pub(super) fn insert(&mut self, key: Key, size: u64) {
        if self.segments.insert(key, size).is_none() {
            self.items += key.name.items as usize;
        }
    }

    /// Removes a segment and returns its size.
    pub(super) fn remove(&mut self, key: Key) -> Option<u64> {
        let size = self.segments.remove(&key)?;
        self.items -= key.name.items as usize;
        Some(size)
    }

    pub(super) fn contains(&self, key: Key) -> bool {
        self.segments.contains_key(&key)
    }

    /// Items of all segments.
    pub(super) fn items(&self) -> usize {
        self.items
    }

    /// The oldest segment.
    pub(super) fn oldest(&self) -> Option<(Key, u64)> {
        self.iter().next()
    }

    /// The smallest segment.
    pub(super) fn smallest(&self) -> Option<(Key, u64)> {
        self.iter().min_by_key(|(key, size)| (*size, *key))
    }

    /// The segments with their sizes, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Key, u64)> {
        self.segments.iter().map(|(key, size)| (*key, *size))
    }

    /// The segments of a folder.
    pub(super) fn of(&self, folder: FolderId) -> Vec<Key> {
        self.segments.keys().copied().filter(|key| key.folder == folder).collect()
    }
}
