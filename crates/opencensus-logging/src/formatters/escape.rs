//! Escapes for characters that must not reach a terminal or a line-based file.

use opencensus_settings::quote::is_deceptive;

/// How the texts of records are escaped.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Escaping {
    /// Control characters, and those that change the order of a line, as `\n`, `\x1b`, `\u202e`. A record stays one
    /// line and cannot pretend to be another.
    #[default]
    Controls,
    /// No escapes, as in Python.
    None,
}

impl Escaping {
    /// Appends a text.
    pub(crate) fn push(self, out: &mut String, text: &str) {
        match self {
            Self::Controls => escape_into(out, text),
            Self::None => out.push_str(text),
        }
    }
}

fn escape_into(out: &mut String, text: &str) {
    let mut clean = 0;
    for (at, c) in text.char_indices() {
        let Some(escape) = escape(c, &text[at + c.len_utf8()..]) else { continue };
        out.push_str(&text[clean..at]);
        push_escape(out, c, escape);
        clean = at + c.len_utf8();
    }
    out.push_str(&text[clean..]);
}

/// The form of an escape.
enum Escape {
    Letter(char),
    Byte,
    Unicode,
}

/// The escape that `c` needs before `rest`. A backslash needs one only where it would read as another escape.
fn escape(c: char, rest: &str) -> Option<Escape> {
    match c {
        '\t' => None,
        '\n' => Some(Escape::Letter('n')),
        '\r' => Some(Escape::Letter('r')),
        '\\' => {
            let reads_as_escape = rest.is_empty() || rest.starts_with(['n', 'r', 'x', 'u', '\\']);
            reads_as_escape.then_some(Escape::Letter('\\'))
        }
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => Some(Escape::Byte),
        c if is_deceptive(c) => Some(Escape::Unicode),
        _ => None,
    }
}

fn push_escape(out: &mut String, c: char, escape: Escape) {
    use std::fmt::Write as _;
    let code = u32::from(c);
    // Writing to a `String` does not fail.
    let _ = match escape {
        Escape::Letter(letter) => write!(out, "\\{letter}"),
        Escape::Byte => write!(out, "\\x{code:02x}"),
        Escape::Unicode => write!(out, "\\u{code:04x}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        Escaping::Controls.push(&mut out, text);
        out
    }

    #[test]
    fn control_characters_are_escaped_and_other_text_is_not_changed() {
        for (text, expected) in [
            ("a\r\nb", "a\\r\\nb"),
            ("\u{1b}[31mred\u{7}", "\\x1b[31mred\\x07"),
            ("\u{9b}2J", "\\x9b2J"),
            ("user\u{202e}nimda", "user\\u202enimda"),
            ("tab\tstays, so do größe and 🏴󠁧󠁢󠁿", "tab\tstays, so do größe and 🏴󠁧󠁢󠁿"),
            ("C:\\dir\\new", "C:\\dir\\\\new"),
            ("\\", "\\\\"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }

    #[test]
    fn escaped_characters_differ_from_texts_that_look_like_escapes() {
        assert_ne!(escaped("a\nb"), escaped("a\\nb"));
        assert_ne!(escaped("a\\\nb"), escaped("a\\\\nb"));
    }
}
