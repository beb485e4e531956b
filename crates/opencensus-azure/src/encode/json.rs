//! JSON by hand, straight into the open batch: no tree in between, and no allocation.

use std::io::Write as _;

use crate::envelope::cut;

/// `,"name":"value"`, the value cut at its limit.
pub(super) fn member(out: &mut Vec<u8>, name: &str, value: &str, limit: usize) {
    out.push(b',');
    text(out, name, usize::MAX);
    out.push(b':');
    text(out, value, limit);
}

/// A quoted text, cut at its limit.
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

/// Makes what was written since `start` an object of this name, if it is anything: the first member's comma
/// becomes the opening.
pub(super) fn close_object(out: &mut Vec<u8>, start: usize, name: &str) {
    if out.len() > start {
        let opening = [b",\"", name.as_bytes(), b"\":{"].concat();
        out.splice(start..=start, opening);
        out.push(b'}');
    }
}
