//! Escapes text from clients to plain ASCII.

/// Escapes as Python's `unicode_escape`, which Django applies to text from clients since CVE-2025-48432.
pub(super) fn escaped(text: impl AsRef<str>) -> String {
    let mut out = String::with_capacity(text.as_ref().len());
    for c in text.as_ref().chars() {
        match (c, u32::from(c)) {
            ('\\', _) => out.push_str("\\\\"),
            ('\n', _) => out.push_str("\\n"),
            ('\r', _) => out.push_str("\\r"),
            ('\t', _) => out.push_str("\\t"),
            (_, 0x20..=0x7e) => out.push(c),
            (_, code @ 0..=0xff) => out.push_str(&format!("\\x{code:02x}")),
            (_, code @ 0x100..=0xffff) => out.push_str(&format!("\\u{code:04x}")),
            (_, code) => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out
}
