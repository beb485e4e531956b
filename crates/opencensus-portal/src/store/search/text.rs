//! Finds a text in the values of an envelope's JSON.

use memchr::{memchr, memchr_iter, memchr2_iter};

/// Bytes of envelopes, the most frequent first. A search begins at the rarest byte of the text.
const FREQUENT: &[u8] = b"\"0etaino2rs1c4d356897ublpmf:,.-hgvykw_/{}zxqj";

/// A text to search for, without regard to ASCII letter case.
#[derive(Debug)]
pub(super) struct Needle {
    /// The text as JSON writes it: with letters beyond ASCII as they are, and escaped.
    spellings: Vec<Spelling>,
}

#[derive(Debug)]
struct Spelling {
    text: Vec<u8>,
    /// The place of its rarest byte.
    rarest: usize,
}

impl Needle {
    pub(super) fn new(text: &str) -> Self {
        let json = serde_json::Value::from(text.to_ascii_lowercase()).to_string();
        let plain = json.get(1..json.len() - 1).unwrap_or_default().to_owned();
        let mut spellings = vec![Spelling::new(plain.clone())];
        if !plain.is_ascii() {
            spellings.push(Spelling::new(escaped(&plain)));
        }
        Self { spellings }
    }

    /// Whether a value of the JSON text contains the text. Keys do not count.
    pub(super) fn is_in(&self, json: &[u8]) -> bool {
        self.spellings.iter().any(|spelling| spelling.is_in(json))
    }
}

impl Spelling {
    fn new(text: String) -> Self {
        let text = text.into_bytes();
        let rank = |byte: u8| FREQUENT.iter().position(|other| *other == byte).unwrap_or(FREQUENT.len());
        let rarest = (0..text.len()).max_by_key(|at| rank(text[*at])).unwrap_or(0);
        Self { text, rarest }
    }

    fn is_in(&self, json: &[u8]) -> bool {
        let Some(&byte) = self.text.get(self.rarest) else { return true };
        let is_match = |at: usize| self.matches(json, at);
        if byte.is_ascii_lowercase() {
            memchr2_iter(byte, byte.to_ascii_uppercase(), json).any(is_match)
        } else {
            memchr_iter(byte, json).any(is_match)
        }
    }

    /// Whether the text is at the place where its rarest byte is at `at`, in a value.
    fn matches(&self, json: &[u8], at: usize) -> bool {
        let Some(start) = at.checked_sub(self.rarest) else { return false };
        let end = start + self.text.len();
        let found = json.get(start..end).is_some_and(|found| found.eq_ignore_ascii_case(&self.text));
        found && !is_key(json, end)
    }
}

/// Whether the string that goes on at `at` is the key of a member: a colon follows its end.
fn is_key(json: &[u8], mut at: usize) -> bool {
    while let Some(found) = json.get(at..).and_then(|rest| memchr(b'"', rest)) {
        let quote = at + found;
        at = quote + 1;
        let escapes = json[..quote].iter().rev().take_while(|byte| **byte == b'\\').count();
        if escapes % 2 == 0 {
            return json[at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
        }
    }
    false
}

/// Writes characters beyond ASCII as `\u00fc`, as many encoders do.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_in_values_but_not_in_keys() {
        let json = r#"{"name":"GET /Chairs", "tenant" :"ac\"me","n":404,"p":{"path":"\u00fcber 🎸 name\\"},"e":""}"#;
        for (text, found) in [
            ("get /chairs", true),
            ("NAME\\", true),
            ("404", true),
            ("ac\"me", true),
            ("Über", false),
            ("über", true),
            ("🎸", true),
            ("tenant", false),
            ("path", false),
            ("chairs,", false),
            ("z", false),
            ("", true),
        ] {
            assert_eq!(Needle::new(text).is_in(json.as_bytes()), found, "{text}");
        }
        assert!(Needle::new("ü").is_in(br#""\u00FC""#) && Needle::new("🎸").is_in(br#""\uD83C\udfb8""#));
    }
}
