//! Makes an item smaller that the service would refuse as too large.

use crate::envelope::{cut_encoded, encoded_length};

/// How an item is made smaller, and what became of it.
pub(super) struct Reduction {
    /// The most bytes of a text in JSON.
    pub(super) text_limit: usize,
    /// The most properties.
    pub(super) properties: usize,
    /// The most causes of an exception.
    pub(super) causes: usize,
    /// The bytes of each text in JSON, before it was shortened.
    pub(super) lengths: Vec<usize>,
    /// The names of the texts that were shortened.
    pub(super) shortened: String,
    /// The number of properties that were left out.
    pub(super) left_out: usize,
}

impl Default for Reduction {
    /// Nothing is made smaller.
    fn default() -> Self {
        Self {
            text_limit: usize::MAX,
            properties: usize::MAX,
            causes: usize::MAX,
            lengths: Vec::new(),
            shortened: String::new(),
            left_out: 0,
        }
    }
}

/// The most causes of an exception: with the error itself ten, as in Microsoft's SDK for .NET.
pub(super) const MAX_CAUSES: usize = 9;

/// Ends a text that was shortened.
pub(super) const ELLIPSIS: &str = "…";

/// The fewest bytes to which a text is shortened, in JSON.
pub(super) const SHORTEST_TEXT: usize = 128;

impl Reduction {
    /// The part of a text that is kept, and what ends it.
    pub(super) fn shorten<'a>(&mut self, name: &str, text: &'a str) -> (&'a str, &'static str) {
        let length = text.chars().map(encoded_length).sum();
        self.lengths.push(length);
        if length <= self.text_limit {
            return (text, "");
        }
        let comma = if self.shortened.is_empty() { "" } else { ", " };
        self.shortened.extend([comma, name]);
        (cut_encoded(text, self.text_limit.saturating_sub(ELLIPSIS.len())), ELLIPSIS)
    }
}

/// The limit of texts with which so many bytes are saved: the longest texts are shortened to the same length. `None`
/// if it is below the shortest text.
pub(super) fn text_limit(lengths: &mut [usize], excess: usize) -> Option<usize> {
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let mut sum = 0;
    for (at, length) in lengths.iter().enumerate() {
        sum += length;
        let next = lengths.get(at + 1).copied().unwrap_or(0);
        let limit = sum.checked_sub(excess).map(|rest| rest / (at + 1));
        if let Some(limit) = limit.filter(|limit| *limit >= next) {
            return (limit >= SHORTEST_TEXT).then_some(limit);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_texts_are_shortened_first_and_to_the_same_length() {
        for (lengths, excess, expected) in [
            (&mut [1000, 300, 200][..], 100, Some(900)),
            (&mut [200, 1000, 900], 300, Some(800)),
            (&mut [1000, 1000, 1000], 301, Some(899)),
            (&mut [1000], 872, Some(128)),
            (&mut [1000], 873, None),
            (&mut [1000], 2000, None),
            (&mut [], 1, None),
        ] {
            assert_eq!(text_limit(lengths, excess), expected, "{lengths:?} {excess}");
        }
    }

    #[test]
    fn shortened_text_ends_with_an_ellipsis_and_its_name_is_noted() {
        let mut reduction = Reduction { text_limit: 8, ..Reduction::default() };
        assert_eq!(reduction.shorten("a", "12345678"), ("12345678", ""));
        assert_eq!(reduction.shorten("b", "123456789"), ("12345", ELLIPSIS));
        assert_eq!(reduction.shorten("c", "1\n2\n345"), ("1\n2", ELLIPSIS));
        assert_eq!((&*reduction.shortened, reduction.lengths), ("b, c", vec![8, 9, 9]));
    }
}
