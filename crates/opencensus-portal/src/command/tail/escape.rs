//! Escapes the characters of received texts that a terminal would interpret.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Replaces control characters, and those that change the direction of text, as in `\n` or `\u{1b}`.
pub(in crate::command) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            character if is_unsafe(character) => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
            }
            character => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

/// Escapes the control characters of a JSON text that JSON allows: those of C1, and others above ASCII.
pub(super) fn escape_json(json: &str) -> Cow<'_, str> {
    if !json.contains(is_unsafe) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_unsafe(character) {
            // None of them has a code above U+FFFF.
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_interprets_remains() {
        assert_eq!(escape("GET /é 🦀"), "GET /é 🦀");
        assert_eq!(escape("a\n\u{1b}[2Jb\u{7f}"), "a\\n\\u{1b}[2Jb\\u{7f}");
        assert_eq!(escape("\u{9b}31m\u{202e}"), "\\u{9b}31m\\u{202e}");
        let text = "x\u{9b}\u{202e}\u{7f}\u{1b}";
        let json = serde_json::to_string(text).unwrap();
        let escaped = escape_json(&json);
        assert_eq!(escaped, "\"x\\u009b\\u202e\\u007f\\u001b\"");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }
}
