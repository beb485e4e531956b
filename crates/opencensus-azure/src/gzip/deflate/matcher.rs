//! Finds what was there before.

use crate::gzip::deflate::block::Block;
use crate::gzip::deflate::symbol::{MAX_DISTANCE, MAX_LENGTH};

/// Bits of a hash: 4096 positions take 16 KiB, which fit into the first cache beside the batch.
const HASH_BITS: u32 = 12;

/// The fewest bytes of a repetition at another distance than the previous one: fewer cost more as a distance than as bytes.
const SHORTEST: u32 = 6;

/// Where bytes were before.
#[derive(Debug)]
pub(crate) struct Matcher {
    // The position after the latest bytes with this hash; 0 if there are none.
    latest: Vec<u32>,
    // The distance of the previous repetition: nearly always that of the next one, too.
    distance: usize,
}

impl Default for Matcher {
    fn default() -> Self {
        Self { latest: vec![0; 1 << HASH_BITS], distance: 0 }
    }
}

impl Matcher {
    /// Forgets the first bytes, which are removed.
    pub(crate) fn forget(&mut self, removed: usize) {
        self.latest.iter_mut().for_each(|after| *after = after.saturating_sub(removed as u32));
    }

    /// Adds the bytes from `start` on, which may repeat what is before them.
    ///
    /// Repetitions begin at the bounds of words only: within a word, which may be the digits of an id, one that begins later is rare, and the search costs more than
    /// everything else.
    pub(crate) fn add(&mut self, bytes: &[u8], start: usize, block: &mut Block) {
        let (mut at, mut literals) = (start, start);
        while let Some(next) = word(bytes, at) {
            if let Some((length, distance)) = self.find(bytes, at, next) {
                self.distance = distance;
                block.push(&bytes[literals..at], length, distance);
                at += length;
                literals = at;
            } else {
                at += 1;
            }
            at += bytes[at..].iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(bytes.len() - at);
        }
        block.push_literals(&bytes[literals..]);
    }

    /// The length and the distance of a repetition that begins with these bytes.
    #[inline]
    fn find(&mut self, bytes: &[u8], at: usize, next: u64) -> Option<(usize, usize)> {
        let hash = (next << (64 - 8 * SHORTEST)).wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - HASH_BITS);
        let latest = std::mem::replace(&mut self.latest[hash as usize], at as u32 + 1) as usize;
        if let Some(before) = at.checked_sub(self.distance)
            && before < at
            && word(bytes, before).is_some_and(|word| word as u32 == next as u32)
        {
            return Some((length(bytes, before, at), self.distance));
        }
        let before = latest.checked_sub(1)?;
        let distance = at - before;
        let is_same = word(bytes, before).is_some_and(|word| (word ^ next) << (64 - 8 * SHORTEST) == 0);
        (is_same && distance <= MAX_DISTANCE).then(|| (length(bytes, before, at), distance))
    }
}

/// How many bytes from both positions on are the same.
#[inline]
fn length(bytes: &[u8], before: usize, at: usize) -> usize {
    let longest = MAX_LENGTH.min(bytes.len() - at);
    let (old, new) = (&bytes[before..before + longest], &bytes[at..at + longest]);
    let (old, new) = (old.as_chunks::<8>(), new.as_chunks::<8>());
    for (chunk, (old, new)) in old.0.iter().zip(new.0).enumerate() {
        let difference = u64::from_le_bytes(*old) ^ u64::from_le_bytes(*new);
        if difference != 0 {
            return 8 * chunk + difference.trailing_zeros() as usize / 8;
        }
    }
    let same = old.1.iter().zip(new.1).take_while(|(old, new)| old == new).count();
    8 * new.0.len() + same
}

#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<8>().map(|word| u64::from_le_bytes(*word))
}
