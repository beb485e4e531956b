//! What the endpoint has received.

use std::collections::HashMap;
use std::time::Instant;

/// The ids of accepted items, and every POST.
#[derive(Clone, Debug, Default)]
pub(crate) struct Received {
    /// How many times each id was accepted.
    pub(crate) counts: HashMap<u64, u32>,
    /// When a new id was last accepted.
    pub(crate) last_new: Option<Instant>,
    /// POST requests, whatever the response.
    pub(crate) posts: u64,
    /// Bytes of their bodies, as they were sent.
    pub(crate) bytes: u64,
}

impl Received {
    /// Notes a POST.
    pub(crate) fn note_post(&mut self, bytes: usize) {
        self.posts += 1;
        self.bytes += bytes as u64;
    }

    /// Notes a batch that was accepted.
    pub(crate) fn accept(&mut self, ids: &[u64]) {
        for id in ids {
            let count = self.counts.entry(*id).or_default();
            *count += 1;
            if *count == 1 {
                self.last_new = Some(Instant::now());
            }
        }
    }

    /// The ids among these that were not accepted.
    pub(crate) fn missing<'a>(&self, ids: impl IntoIterator<Item = &'a u64>) -> Vec<u64> {
        ids.into_iter().filter(|id| !self.counts.contains_key(id)).copied().collect()
    }

    /// Items that were accepted again.
    pub(crate) fn duplicates(&self) -> u64 {
        self.counts.values().map(|count| u64::from(*count) - 1).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_that_comes_twice_is_one_duplicate() {
        let mut received = Received::default();
        received.accept(&[1, 2]);
        received.accept(&[2]);
        assert_eq!((received.duplicates(), received.missing(&[1, 2, 3])), (1, vec![3]));
    }
}
