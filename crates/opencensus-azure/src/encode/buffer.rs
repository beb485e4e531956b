//! A JSON writer that appends an item to the open batch, without an intermediate tree or an allocation.

use std::io::Write as _;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crate::envelope::{self, Field, cut, cut_encoded};

/// The bytes of the open batch, to which an item is appended.
pub(super) struct Buffer<'a> {
    bytes: &'a mut Vec<u8>,
    // `None`, except for an item that is too large.
    reduction: Option<Reduction>,
}

/// How an item that is too large is made smaller, and what became of it.
#[derive(Default)]
pub(super) struct Reduction {
    // The most bytes of a text in JSON.
    pub(super) text_limit: usize,
    // The most properties.
    pub(super) properties: usize,
    // The names of the texts that were shortened.
    pub(super) shortened: String,
    pub(super) left_out: usize,
}

/// Ends a text that was shortened.
const ELLIPSIS: &str = "…";

impl<'a> Buffer<'a> {
    pub(super) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes, reduction: None }
    }

    pub(super) fn reduced(bytes: &'a mut Vec<u8>, text_limit: usize, properties: usize) -> Self {
        Self { bytes, reduction: Some(Reduction { text_limit, properties, ..Reduction::default() }) }
    }

    /// How the item is made smaller. `None` for most items.
    pub(super) fn reduction(&mut self) -> Option<&mut Reduction> {
        self.reduction.as_mut()
    }

    /// Writes `,"name":"value"`. The value is cut at the field's limit.
    pub(super) fn member(&mut self, field: Field, value: &str) {
        self.named(field.name, value, field.limit);
    }

    /// Writes `,"name":"value"`. The value is cut at `limit` UTF-16 units.
    pub(super) fn named(&mut self, name: &str, value: &str, limit: usize) {
        self.push(b',');
        write_text(self.bytes, name);
        self.push(b':');
        let value = cut(value, limit);
        match &mut self.reduction {
            None => write_text(self.bytes, value),
            Some(reduction) => write_reduced(self.bytes, name, value, reduction),
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

fn write_escaped(out: &mut Vec<u8>, value: &str) {
    let mut rest = value.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| byte < b' ' || byte == b'"' || byte == b'\\') {
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

#[cold]
fn write_reduced(out: &mut Vec<u8>, name: &str, value: &str, reduction: &mut Reduction) {
    let shortened = cut_encoded(value, reduction.text_limit);
    if shortened.len() == value.len() {
        return write_text(out, value);
    }
    out.push(b'"');
    write_escaped(out, cut_encoded(value, reduction.text_limit.saturating_sub(ELLIPSIS.len())));
    out.extend_from_slice(ELLIPSIS.as_bytes());
    out.push(b'"');
    let comma = if reduction.shortened.is_empty() { "" } else { ", " };
    reduction.shortened.extend([comma, name]);
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn reduced_text_ends_with_an_ellipsis_and_its_name_is_noted() {
        let mut bytes = Vec::new();
        let mut out = Buffer::reduced(&mut bytes, 8, 9);
        out.named("a", "12345678", 99);
        out.named("b", "123456789", 99);
        out.named("c", "1\n2\n345", 99);
        assert_eq!(out.reduction().map(|reduction| &*reduction.shortened), Some("b, c"));
        assert_eq!(String::from_utf8(bytes).unwrap(), r#","a":"12345678","b":"12345…","c":"1\n2…""#);
    }
}
