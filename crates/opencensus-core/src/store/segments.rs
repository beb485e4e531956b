//! The store.

use std::time::Instant;

use crate::exporter::{Batch, Destination};
use crate::store::StoreOptions;

/// Which batch to load.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Take {
    /// The oldest segments, together at most this many items and bytes, at least one segment.
    Oldest { items: usize, bytes: usize },
    /// One small segment, to find out whether the endpoint works.
    Smallest,
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct StoreError(pub(crate) String);

/// Why a batch was not stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PutError {
    /// There is no room, and no success to evict.
    Full,
    /// The disk fails.
    Unavailable,
}

/// What happened to items on disk since the last look.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Changes {
    /// Items found in the folders of earlier processes.
    pub(crate) recovered: usize,
    /// Items evicted because the store was full.
    pub(crate) evicted: usize,
    /// Items older than the retention.
    pub(crate) expired: usize,
    /// Items of damaged files.
    pub(crate) corrupt: usize,
    /// Files that were set aside because they are damaged or foreign.
    pub(crate) set_aside: usize,
}

/// The segments of this process on disk.
#[derive(Debug)]
pub(crate) struct Store {}

impl Store {
    /// Opens the folder and takes over the folders of ended processes.
    pub(crate) fn open(_: &StoreOptions, _: Destination, _: Instant) -> Result<Self, StoreError> {
        Err(StoreError(String::new()))
    }

    /// Stores a batch. A batch that was loaded whole is available again, without a write.
    pub(crate) fn put(&mut self, _: &Batch, _: Instant) -> Result<(), PutError> {
        Err(PutError::Unavailable)
    }

    /// Loads a batch, whose files stay until it is settled.
    pub(crate) fn take(&mut self, _: Take, _: Instant) -> Option<Batch> {
        None
    }

    /// Records that a batch with files was divided into this many parts, each of which will be put or settled.
    pub(crate) fn divide(&mut self, _: &Batch, _: usize) {}

    /// Records that a batch, or a part, is delivered or dropped. With its last part a file is deleted.
    pub(crate) fn settle(&mut self, _: &Batch) {}

    /// Writes the items that are not yet on disk to the batch's journal.
    pub(crate) fn journal(&mut self, _: &mut Batch, _: Instant) {}

    /// Deletes what is too old, takes over folders of processes that have ended, recreates a deleted folder.
    pub(crate) fn maintain(&mut self, _: Instant) {}

    /// Items on disk that are not loaded.
    pub(crate) fn items(&self) -> usize {
        0
    }

    /// Whether a failure could not be stored now, because everything stored is a failure.
    pub(crate) fn is_full(&self) -> bool {
        false
    }

    /// What happened since the last call.
    pub(crate) fn take_changes(&mut self) -> Changes {
        Changes::default()
    }

    /// Why the last operation failed, once.
    pub(crate) fn take_trouble(&mut self) -> Option<String> {
        None
    }
}
