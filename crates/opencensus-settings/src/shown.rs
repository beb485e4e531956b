//! What of the settings a fault may show: never a secret, and nothing over several lines.

use std::borrow::Cow;

/// Longest part of a text that a fault shows, in characters.
const SHOWN: usize = 80;

/// A text as a fault shows it.
#[must_use]
pub fn text(text: &str) -> String {
    let text = without_arguments(text.trim());
    if looks_secret(&text) {
        return "a text that may hold a secret".to_owned();
    }
    if text.is_empty() { "an empty text".to_owned() } else { format!("`{}`", shorten(&text)) }
}

/// A call's arguments may be anything.
fn without_arguments(text: &str) -> Cow<'_, str> {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
    match text.split_once('(') {
        Some((name, _)) if !name.is_empty() && is_name(name) => Cow::Owned(format!("{name}(…)")),
        _ => Cow::Borrowed(text),
    }
}

/// The name of a key, for the place of a fault. Somebody may have put anything there.
#[must_use]
pub fn key(key: &str) -> String {
    if key.contains('=') || has_user_info(key) || has_long_id(key) { "…".to_owned() } else { shorten(key) }
}

/// One line, and not too long.
fn shorten(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN + 1).collect();
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Connection strings, keys and passwords that stand at the wrong place.
fn looks_secret(text: &str) -> bool {
    const SIGNS: [&str; 12] = [
        "instrumentationkey",
        "accountkey",
        "apikey",
        "api_key",
        "password",
        "passwd",
        "pwd",
        "secret",
        "token",
        "credential",
        "authorization",
        "sig=",
    ];
    let lower = text.to_ascii_lowercase();
    SIGNS.iter().any(|sign| lower.contains(sign)) || has_user_info(text) || has_long_id(text)
}

/// `user:password@host`
fn has_user_info(text: &str) -> bool {
    text.split_once(':').is_some_and(|(_, rest)| rest.contains('@'))
}

/// A GUID, or 24 letters and digits in a row, among them a digit: no word of a settings file.
fn has_long_id(text: &str) -> bool {
    let is_guid = |part: &str| part.len() >= 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_long = |part: &str| part.len() >= 24 && part.bytes().any(|byte| byte.is_ascii_digit());
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(is_guid)
        || text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_long)
}

/// The text as Python's `repr` writes it: in quotes, on one line, and harmless.
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
            c if is_treacherous(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// Characters that nobody sees and that change what he sees: the direction of text, the end of a line, a gap of no
/// width. The joiner and the variation selectors of emoji are not among them.
#[must_use]
pub fn is_treacherous(c: char) -> bool {
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
    use crate::template::Text;

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        for text in [
            "InstrumentationKey=1",
            "00000000-0000-0000-0000-000000000001",
            "https://user:pw@example.com/",
            "AIzaSyD3m9x8w7v6u5t4s3r2q1p0",
            "my-PASSWORD",
            "postgres:hunter2@db:5432",
            "https://user:hun/ter2@x",
        ] {
            assert_eq!(super::text(text), "a text that may hold a secret", "{text}");
        }
        for text in ["/users/{id}", "https://example.com", "re:^/v[0-9]+/internal/administration/health$", "sometimes"]
        {
            assert_eq!(super::text(text), format!("`{text}`"));
        }
        let text = Text { value: "hunter2".to_owned(), variables: vec!["PW".to_owned()] };
        assert_eq!(text.shown(), "a text with `${PW}`");
        assert_eq!(super::text("a.B(pwd='hunter2')"), "`a.B(…)`");
        assert_eq!(super::text("a.B(pwd=f('hunter2')"), "`a.B(…)`");
    }

    #[test]
    fn keys_are_shown_on_one_line_and_without_secrets() {
        assert_eq!(super::key("samplr"), "samplr");
        assert_eq!(super::key("a\nb"), "a b");
        for key in ["InstrumentationKey=1", "00000000-0000-0000-0000-000000000001", "a:b@c"] {
            assert_eq!(super::key(key), "…");
        }
    }

    #[test]
    fn long_and_crooked_texts_stay_on_one_line() {
        let shown = super::text(&format!("a\n{}", "é".repeat(200)));
        assert!(shown.starts_with("`a é") && shown.ends_with("é…`") && shown.chars().count() == SHOWN + 3, "{shown}");
    }
}
