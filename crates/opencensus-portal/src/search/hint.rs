//! Explains a word that cannot be understood.

use std::fmt;

/// A word of a search that does not apply.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hint {
    /// Its place: the number of its first character, from 1.
    pub(crate) column: usize,
    /// The word as written.
    pub(crate) word: String,
    /// What is expected instead.
    pub(crate) message: String,
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (character {}): {}", self.word, self.column, self.message)
    }
}
