//! Finds plain paths in one pass over the request's path.

use crate::path_filter::condition::{Condition, Conditions};

/// Exact paths and path prefixes by the hash of their text.
///
/// Few entries are compared one by one. For more, the hash is computed byte by byte, so that one pass over the
/// path gives its hash up to every `/`. Except for a binary search, the time does not grow with the number of
/// entries, and no request can slow it down, because the table holds only entries of the configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct PathTable {
    // Sorted by hash and text.
    entries: Vec<PathEntry>,
    longest: usize,
}

/// The conditions that exclude one path, and those that exclude it and the paths below it.
#[derive(Clone, Debug)]
struct PathEntry {
    hash: u64,
    // A prefix begins with `/` and does not end with it; the prefix `/` is empty.
    text: Box<str>,
    exact: Conditions,
    prefix: Conditions,
}

/// Comparing this number of entries is faster than hashing.
const FEW: usize = 8;

// FNV-1a
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(PRIME)
}

impl PathTable {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn insert_exact(&mut self, path: Box<str>, condition: Condition) {
        self.entry(path).exact.add(condition);
    }

    pub(super) fn insert_prefix(&mut self, path: Box<str>, condition: Condition) {
        self.entry(path).prefix.add(condition);
    }

    fn entry(&mut self, text: Box<str>) -> &mut PathEntry {
        let hash = text.bytes().fold(OFFSET, step);
        let place = self.entries.binary_search_by(|entry| (entry.hash, &*entry.text).cmp(&(hash, &*text)));
        let place = place.unwrap_or_else(|place| {
            self.longest = self.longest.max(text.len());
            self.entries
                .insert(place, PathEntry { hash, text, exact: Conditions::default(), prefix: Conditions::default() });
            place
        });
        &mut self.entries[place]
    }

    /// Whether the path is an exact entry, or is at or below a prefix.
    #[inline]
    pub(super) fn matches(&self, path: &str, holds: impl Fn(&Condition) -> bool + Copy) -> bool {
        if self.entries.len() <= FEW { self.compare(path, holds) } else { self.look_up(path, holds) }
    }

    fn compare(&self, path: &str, holds: impl Fn(&Condition) -> bool + Copy) -> bool {
        let is_path = path.starts_with('/');
        // Most paths already differ in their length or at the byte after the entry's text.
        self.entries.iter().any(|entry| match path.as_bytes().get(entry.text.len()) {
            Some(b'/') => is_path && path.starts_with(&*entry.text) && entry.prefix.any(holds),
            None => path == &*entry.text && (is_path && entry.prefix.any(holds) || entry.exact.any(holds)),
            Some(_) => false,
        })
    }

    fn look_up(&self, path: &str, holds: impl Fn(&Condition) -> bool + Copy) -> bool {
        let is_path = path.starts_with('/');
        let mut hash = OFFSET;
        for (at, &byte) in path.as_bytes().iter().enumerate().take(self.longest + 1) {
            let ends_segment = byte == b'/' && is_path;
            if ends_segment && self.find(hash, &path[..at]).is_some_and(|entry| entry.prefix.any(holds)) {
                return true;
            }
            hash = step(hash, byte);
        }
        let whole = if path.len() <= self.longest { self.find(hash, path) } else { None };
        whole.is_some_and(|entry| entry.exact.any(holds) || is_path && entry.prefix.any(holds))
    }

    fn find(&self, hash: u64, text: &str) -> Option<&PathEntry> {
        let first = self.entries.partition_point(|entry| entry.hash < hash);
        self.entries[first..].iter().take_while(|entry| entry.hash == hash).find(|entry| &*entry.text == text)
    }
}
