//! Redacts parts of the settings for faults, which contain no secret and no line end.

use std::borrow::Cow;

use crate::secret_names::names_secret;

/// Longest part of a text that a fault repeats, in characters.
const MAX_CHARS: usize = 80;

/// Formats a text for a fault: in backticks and cut, or as a description if it may hold a secret.
///
/// # Examples
///
/// ```
/// use opencensus_settings::redact;
///
/// assert_eq!(redact::text("sometimes"), "`sometimes`");
/// assert_eq!(redact::text("password=hunter2"), "a text that may hold a secret");
/// ```
#[must_use]
pub fn text(text: &str) -> String {
    let text = without_arguments(text.trim());
    if looks_secret(&text) {
        return "a text that may hold a secret".to_owned();
    }
    if text.is_empty() { "an empty text".to_owned() } else { format!("`{}`", cut(&text)) }
}

/// Formats the name of a key for the place of a fault: in quotes, as in TOML, if it is empty or holds a character that a
/// place has between its keys. A key that may be a secret in the wrong place becomes `…`.
///
/// # Examples
///
/// ```
/// use opencensus_settings::redact;
///
/// assert_eq!(redact::key("samplr"), "samplr");
/// assert_eq!(redact::key("django.request"), "\"django.request\"");
/// ```
#[must_use]
pub fn key(key: &str) -> String {
    if key.contains('=') || has_user_info(key) || has_long_id(key) {
        return "…".to_owned();
    }
    let is_ambiguous = |c: char| c.is_whitespace() || ".[]\"`".contains(c);
    let key = cut(key);
    if key.is_empty() || key.contains(is_ambiguous) { format!("\"{}\"", key.replace('"', "\\\"")) } else { key }
}

/// Formats a text on one line, cut after 80 characters. It may still hold a secret.
#[must_use]
pub fn cut(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_CHARS + 1).collect();
    match line.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Replaces the arguments of a call, which may hold a secret of any form.
fn without_arguments(text: &str) -> Cow<'_, str> {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
    match text.split_once('(') {
        Some((name, _)) if !name.is_empty() && is_name(name) => Cow::Owned(format!("{name}(…)")),
        _ => Cow::Borrowed(text),
    }
}

/// Whether the text may be a connection string, a key or a password in the wrong place.
fn looks_secret(text: &str) -> bool {
    names_secret(text) || has_user_info(text) || has_long_id(text)
}

/// Whether the text may contain `user:password@host`.
fn has_user_info(text: &str) -> bool {
    text.split_once(':').is_some_and(|(_, rest)| rest.contains('@'))
}

/// Whether the text contains a GUID, or 24 letters and digits in a row with at least one digit, which no word of a
/// settings file has.
fn has_long_id(text: &str) -> bool {
    let is_guid = |part: &str| part.len() >= 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_long = |part: &str| part.len() >= 24 && part.bytes().any(|byte| byte.is_ascii_digit());
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(is_guid)
        || text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_may_hold_a_secret_are_not_repeated() {
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
        assert_eq!(super::text("a.B(pwd='hunter2')"), "`a.B(…)`");
        assert_eq!(super::text("a.B(pwd=f('hunter2')"), "`a.B(…)`");
    }

    #[test]
    fn keys_stay_on_one_line_and_hold_no_secret() {
        assert_eq!(super::key("samplr"), "samplr");
        assert_eq!(super::key("a\nb"), "\"a b\"");
        assert_eq!((super::key(""), super::key("a.b\"")), ("\"\"".to_owned(), "\"a.b\\\"\"".to_owned()));
        for key in ["InstrumentationKey=1", "00000000-0000-0000-0000-000000000001", "a:b@c"] {
            assert_eq!(super::key(key), "…");
        }
    }

    #[test]
    fn long_texts_of_several_lines_are_cut_to_one_line() {
        let text = super::text(&format!("a\n{}", "é".repeat(200)));
        assert!(text.starts_with("`a é") && text.ends_with("é…`") && text.chars().count() == MAX_CHARS + 3, "{text}");
    }
}
