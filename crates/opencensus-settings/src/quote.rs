//! Quotes texts on one line, with deceptive characters escaped.

/// Formats the text as Python's `repr` does: in quotes, on one line, with control characters and
/// [deceptive](is_deceptive) ones escaped.
///
/// # Examples
///
/// ```
/// assert_eq!(opencensus_settings::quote::quoted("a\n'b'"), r#""a\n'b'""#);
/// ```
#[must_use]
pub fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if is_deceptive(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// Whether a character is invisible and changes how the text around it is displayed: it reverses the direction, ends
/// the line, or has no width. The joiner and the variation selectors of emoji are not among them.
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_deceptive_characters_are_escaped() {
        assert_eq!(quoted("a\r\n\t\\\u{7}\u{202e}é"), "'a\\r\\n\\t\\\\\\x07\\u202eé'");
        assert_eq!(quoted("it's \"x\""), r#"'it\'s "x"'"#);
    }
}
