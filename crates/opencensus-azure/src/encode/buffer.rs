//! A JSON writer that appends an item to the open batch, without an intermediate tree or an allocation.

use std::io::Write as _;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crate::encode::reduction::Reduction;
use crate::envelope::{self, Field, cut};

/// The bytes of the open batch, to which an item is appended.
pub(super) struct Buffer<'a> {
    bytes: &'a mut Vec<u8>,
    // `None`, except for an item that is too large.
    reduction: Option<Reduction>,
}

impl<'a> Buffer<'a> {
    pub(super) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes, reduction: None }
    }

    /// A buffer for an item that is made smaller.
    pub(super) fn reduced(bytes: &'a mut Vec<u8>, reduction: Reduction) -> Self {
        Self { bytes, reduction: Some(reduction) }
    }

    /// What became of an item that was made smaller.
    pub(super) fn into_reduction(self) -> Reduction {
        self.reduction.unwrap_or_default()
    }

    /// How the item is made smaller. `None` for most items.
    pub(super) fn reduction(&mut self) -> Option<&mut Reduction> {
        self.reduction.as_mut()
    }

    /// Writes `,"name":"value"`. The value is cut at the field's limit.
    pub(super) fn member(&mut self, field: Field, value: &str) {
        // The schema's names need no escapes.
        self.extend_from_slice(b",\"");
        self.extend_from_slice(field.name.as_bytes());
        self.extend_from_slice(b"\":");
        self.value(field.name, value, field.limit);
    }

    /// Writes `,"name":"value"`. The value is cut at `limit` UTF-16 units.
    pub(super) fn named(&mut self, name: &str, value: &str, limit: usize) {
        self.name(name);
        self.value(name, value, limit);
    }

    fn value(&mut self, name: &str, value: &str, limit: usize) {
        let value = cut(value, limit);
        match &mut self.reduction {
            None => write_text(self.bytes, value),
            Some(reduction) => {
                let (kept, end) = reduction.shorten(name, value);
                self.bytes.push(b'"');
                write_escaped(self.bytes, kept);
                self.bytes.extend_from_slice(end.as_bytes());
                self.bytes.push(b'"');
            }
        }
    }

    /// Writes `,"name":` for a value that is not a text.
    pub(super) fn name(&mut self, name: &str) {
        self.push(b',');
        write_text(self.bytes, name);
        self.push(b':');
    }

    /// Writes `,"duration":"0.00:00:00.000000"`.
    pub(super) fn duration(&mut self, duration: Duration) {
        self.extend_from_slice(br#","duration":""#);
        envelope::write_duration(self.bytes, duration);
        self.push(b'"');
    }

    /// Wraps the members written since `start` into an object of this name. Without members nothing is
    /// written. The comma of the first member makes room for the opening brace.
    pub(super) fn close_object(&mut self, start: usize, name: &str) {
        if self.len() == start {
            return;
        }
        let (members, opening) = (start + 1..self.len(), name.len() + r#","":{"#.len());
        let length = self.len() - 1 + opening;
        self.resize(length, 0);
        self.copy_within(members, start + opening);
        // The slice is exactly as long as the opening.
        let _ = write!(&mut self[start..start + opening], r#","{name}":{{"#);
        self.push(b'}');
    }
}

impl Deref for Buffer<'_> {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        self.bytes
    }
}

impl DerefMut for Buffer<'_> {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        self.bytes
    }
}

/// Writes a string literal.
pub(super) fn write_text(out: &mut Vec<u8>, value: &str) {
    out.push(b'"');
    write_escaped(out, value);
    out.push(b'"');
}

/// Writes a text with its escapes. The bytes between them are copied as a whole.
fn write_escaped(out: &mut Vec<u8>, value: &str) {
    let mut rest = value.as_bytes();
    while let Some(at) = first_escape(rest) {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte @ (b'"' | b'\\') => out.extend_from_slice(&[b'\\', byte]),
            byte => {
                let _ = write!(out, "\\u{byte:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Where the first byte is that a string literal needs an escape for. Looks at eight bytes at a time, because nearly no text
/// has one.
fn first_escape(text: &[u8]) -> Option<usize> {
    let is_escaped = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    let (words, rest) = text.as_chunks::<8>();
    match words.iter().position(|word| has_escape(u64::from_le_bytes(*word))) {
        Some(word) => text[8 * word..].iter().position(is_escaped).map(|at| 8 * word + at),
        None => rest.iter().position(is_escaped).map(|at| 8 * words.len() + at),
    }
}

/// Whether one of the eight bytes needs an escape.
#[inline]
fn has_escape(word: u64) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // Subtracting borrows from the highest bit of bytes below `n`, unless it is set already.
    let below = |word: u64, n: u8| word.wrapping_sub(ONES * u64::from(n)) & !word;
    let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, b' ') | is(b'"') | is(b'\\')) & HIGH != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_escaped_that_must_be_at_every_place() {
        for byte in (0..=127).map(char::from).chain(['é', '你', '😀']) {
            for place in 0..20 {
                let text = format!("{}{byte}{}", "x".repeat(place), "y".repeat(19 - place));
                let mut out = Vec::new();
                write_text(&mut out, &text);
                assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text, "{byte:?} at {place}");
                let is_escaped = byte < ' ' || byte == '"' || byte == '\\';
                assert_eq!(out.len() > text.len() + 2, is_escaped, "{byte:?} at {place}");
            }
        }
    }

    #[test]
    fn members_are_wrapped_into_an_object_and_none_write_nothing() {
        let mut bytes = b"{\"ver\":2".to_vec();
        let mut out = Buffer::new(&mut bytes);
        let start = out.len();
        out.close_object(start, "properties");
        assert_eq!(**out, b"{\"ver\":2"[..], "without members there is no object");
        out.named("a", "1", 9);
        out.named("b", "2", 9);
        out.close_object(start, "properties");
        assert_eq!(bytes, br#"{"ver":2,"properties":{"a":"1","b":"2"}"#);
    }
}
