//! Numbers for texts that occur often.

use std::collections::HashMap;

/// Texts, each with the number of its place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    numbers: HashMap<String, usize>,
    texts: Vec<String>,
}

impl Names {
    /// The number of a text, which is added if it is new.
    pub(crate) fn number(&mut self, text: &str) -> usize {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        self.numbers.insert(text.to_owned(), self.texts.len());
        self.texts.push(text.to_owned());
        self.texts.len() - 1
    }

    /// The text with a number that [`number`](Self::number) returned.
    pub(crate) fn text(&self, number: usize) -> &str {
        self.texts.get(number).map_or("", String::as_str)
    }

    /// The number of different texts.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }
}
