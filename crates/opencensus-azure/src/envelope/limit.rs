//! Cuts texts at limits.

/// The longest prefix of `text` with at most `limit` UTF-16 units.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    // A character never has more UTF-16 units than bytes.
    if text.len() <= limit {
        return text;
    }
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > limit {
            return &text[..at];
        }
    }
    text
}

/// The bytes of a character in a JSON string, with its escape.
pub(crate) fn encoded_length(c: char) -> usize {
    match c {
        '\n' | '\r' | '\t' | '"' | '\\' => 2,
        c if c < ' ' => 6,
        c => c.len_utf8(),
    }
}

/// The longest prefix of `text` with at most `limit` bytes in JSON.
pub(crate) fn cut_encoded(text: &str, limit: usize) -> &str {
    let mut bytes = 0;
    for (at, c) in text.char_indices() {
        bytes += encoded_length(c);
        if bytes > limit {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_counts_utf16_units_and_never_splits_a_character() {
        for (character, units) in [("a", 1), ("é", 1), ("你", 1), ("😀", 2)] {
            let text = character.repeat(10);
            for limit in 0..=20 {
                let cut = cut(&text, limit);
                assert_eq!(cut.chars().count(), (limit / units).min(10), "{character} {limit}");
            }
        }
    }

    #[test]
    fn character_across_the_limit_is_removed_as_a_whole() {
        for start in 0..4 {
            let text = format!("{}😀", "a".repeat(start));
            assert_eq!(cut(&text, start + 1), "a".repeat(start));
            assert_eq!(cut(&text, start + 2), text);
        }
    }

    #[test]
    fn encoded_limit_counts_escapes() {
        for (text, limit, expected) in
            [("a\nb", 4, "a\nb"), ("a\nb", 3, "a\n"), ("a\nb", 2, "a"), ("\u{1}x", 5, ""), ("é", 1, ""), ("", 0, "")]
        {
            assert_eq!(cut_encoded(text, limit), expected, "{text:?} {limit}");
        }
    }
}
