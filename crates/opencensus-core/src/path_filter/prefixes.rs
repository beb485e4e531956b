//! A set of path prefixes, found with one walk over the path.

use crate::path_filter::is_below;

/// Path prefixes by the hash of their text.
///
/// A few are compared one by one. For more, the hash is computed byte by byte, so that one walk over
/// the path gives its hash up to every `/`. The time does not grow with the number of entries (but for a binary search), and no
/// request can slow it down: what is looked up comes from the configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct Prefixes {
    // Sorted by hash. Prefixes start with `/` and do not end with it; `/` itself is the empty one.
    entries: Vec<(u64, Box<str>)>,
    longest: usize,
}

/// So few are compared faster than hashed.
const FEW: usize = 8;

// FNV-1a
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(PRIME)
}

impl Prefixes {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn insert(&mut self, prefix: &str) {
        let entry = (prefix.bytes().fold(OFFSET, step), prefix.into());
        if let Err(place) = self.entries.binary_search(&entry) {
            self.longest = self.longest.max(prefix.len());
            self.entries.insert(place, entry);
        }
    }

    /// Whether the path is one of the prefixes, or lies below one.
    pub(super) fn matches(&self, path: &str) -> bool {
        if !path.starts_with('/') {
            return false;
        }
        if self.entries.len() <= FEW {
            return self.entries.iter().any(|(_, prefix)| is_below(path, prefix));
        }
        let mut hash = OFFSET;
        for (at, &byte) in path.as_bytes().iter().enumerate().take(self.longest + 1) {
            if byte == b'/' && self.contains(hash, &path[..at]) {
                return true;
            }
            hash = step(hash, byte);
        }
        path.len() <= self.longest && self.contains(hash, path)
    }

    fn contains(&self, hash: u64, prefix: &str) -> bool {
        let first = self.entries.partition_point(|(other, _)| *other < hash);
        self.entries[first..].iter().take_while(|(other, _)| *other == hash).any(|(_, text)| &**text == prefix)
    }
}
