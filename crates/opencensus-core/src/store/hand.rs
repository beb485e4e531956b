//! Files whose items are in memory.

use std::collections::HashMap;

use crate::exporter::FileId;
use crate::store::file_name::BatchName;
use crate::store::index::{FolderId, Key};

/// A file whose items are in memory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Held {
    pub(super) content: Content,
    pub(super) size: u64,
    parts: usize,
}

/// What the file is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Content {
    Segment(Key),
    /// A journal with the bytes that are written.
    Journal {
        name: BatchName,
        written: u64,
    },
}

impl Held {
    pub(super) fn folder(&self) -> FolderId {
        match self.content {
            Content::Segment(key) => key.folder,
            Content::Journal { .. } => 0,
        }
    }

    pub(super) fn file(&self) -> String {
        match self.content {
            Content::Segment(key) => key.name.to_string(),
            Content::Journal { name, .. } => name.journal(),
        }
    }

    fn stamp(&self) -> u64 {
        match self.content {
            Content::Segment(key) => key.name.batch.stamp,
            Content::Journal { name, .. } => name.stamp,
        }
    }
}

/// The files whose items are in memory, each with the number of batches that hold them.
#[derive(Debug, Default)]
pub(super) struct Hand {
    files: HashMap<FileId, Held>,
    next: u64,
}

impl Hand {
    pub(super) fn insert(&mut self, content: Content, size: u64) -> FileId {
        self.next += 1;
        let id = FileId(self.next);
        self.files.insert(id, Held { content, size, parts: 1 });
        id
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(super) fn get_mut(&mut self, id: FileId) -> Option<&mut Held> {
        self.files.get_mut(&id)
    }

    pub(super) fn divide(&mut self, id: FileId, parts: usize) {
        if let Some(held) = self.files.get_mut(&id) {
            held.parts += parts.saturating_sub(1);
        }
    }

    /// Releases one part; returns the file if it was the last.
    pub(super) fn release(&mut self, id: FileId) -> Option<Held> {
        let held = self.files.get_mut(&id)?;
        held.parts = held.parts.saturating_sub(1);
        if held.parts == 0 { self.files.remove(&id) } else { None }
    }

    /// The segments behind these files, if no other batch holds items of them: together they have exactly this many items.
    pub(super) fn whole(&self, ids: &[FileId], items: usize) -> Option<Vec<(Key, u64)>> {
        let mut segments = Vec::with_capacity(ids.len());
        let mut found = 0;
        for id in ids {
            let Held { content: Content::Segment(key), size, parts: 1 } = *self.files.get(id)? else {
                return None;
            };
            found += key.name.items as usize;
            segments.push((key, size));
        }
        (!segments.is_empty() && found == items).then_some(segments)
    }

    /// The oldest stamp of these files, which their items keep when they are written again.
    pub(super) fn stamp(&self, ids: &[FileId]) -> Option<u64> {
        ids.iter().filter_map(|id| self.files.get(id)).map(Held::stamp).min()
    }

    pub(super) fn holds(&self, key: Key) -> bool {
        self.files.values().any(|held| held.content == Content::Segment(key))
    }

    pub(super) fn holds_journal(&self, name: BatchName) -> bool {
        self.files.values().any(|held| matches!(held.content, Content::Journal { name: other, .. } if other == name))
    }

    pub(super) fn holds_folder(&self, folder: FolderId) -> bool {
        self.files.values().any(|held| held.folder() == folder)
    }
}
