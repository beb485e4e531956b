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
}
