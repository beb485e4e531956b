//! A JSON writer that appends to the open batch, without an intermediate tree or an allocation.

use std::io::Write as _;
use std::time::Duration;

use crate::envelope::{self, cut};

/// Writes `,"name":"value"`. The value is cut at `limit` UTF-16 units.
pub(super) fn member(out: &mut Vec<u8>, name: &str, value: &str, limit: usize) {
    out.push(b',');
    text(out, name, usize::MAX);
    out.push(b':');
    text(out, value, limit);
}

/// Writes `,"duration":"0.00:00:00.000000"`.
pub(super) fn duration(out: &mut Vec<u8>, duration: Duration) {
    out.extend_from_slice(br#","duration":""#);
    envelope::write_duration(out, duration);
    out.push(b'"');
}

/// Writes a string literal, cut at `limit` UTF-16 units.
pub(super) fn text(out: &mut Vec<u8>, value: &str, limit: usize) {
    out.push(b'"');
    let mut rest = cut(value, limit).as_bytes();
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
    out.push(b'"');
}

/// Wraps the members written since `start` into an object of this name. Without members nothing is
/// written. The comma of the first member makes room for the opening brace.
pub(super) fn close_object(out: &mut Vec<u8>, start: usize, name: &str) {
    if out.len() == start {
        return;
    }
    let (members, opening) = (start + 1..out.len(), name.len() + r#","":{"#.len());
    out.resize(out.len() - 1 + opening, 0);
    out.copy_within(members, start + opening);
    // The slice is exactly as long as the opening.
    let _ = write!(&mut out[start..start + opening], r#","{name}":{{"#);
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_wrapped_into_an_object_and_none_write_nothing() {
        let mut out = b"{\"ver\":2".to_vec();
        let start = out.len();
        close_object(&mut out, start, "properties");
        assert_eq!(out, b"{\"ver\":2", "without members there is no object");
        member(&mut out, "a", "1", 9);
        member(&mut out, "b", "2", 9);
        close_object(&mut out, start, "properties");
        assert_eq!(out, br#"{"ver":2,"properties":{"a":"1","b":"2"}"#);
    }
}
