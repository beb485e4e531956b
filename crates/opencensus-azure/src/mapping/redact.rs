//! Redacts secrets in the URLs of items.

use std::borrow::Cow;

use opencensus_core::QueryRedaction;

/// Redacts the value of an attribute, if it is a URL, a part of one with a query, or a text with URLs.
pub(crate) fn redact_value<'a>(redaction: QueryRedaction, key: &str, value: &'a str) -> Cow<'a, str> {
    if key == "url.query" {
        return match value.strip_prefix('?') {
            Some(_) => redaction.apply_to_url(value),
            None => redaction.apply(value),
        };
    }
    let is_target = || value.starts_with('/') && value.contains(['?', '#']);
    if value.starts_with('?') || is_target() || is_absolute(value) {
        return redaction.apply_to_url(value);
    }
    redaction.apply_to_text(value)
}

/// Whether the value is a URL as a whole, with `scheme://`.
fn is_absolute(value: &str) -> bool {
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let rest = value.trim_start_matches(is_scheme);
    rest.len() < value.len() && rest.starts_with("://") && !rest.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_url_is_redacted() {
        for (key, value, expected) in [
            ("url.full", "https://anna:pw@h/?sig=S'T", "https://h/?sig=REDACTED"),
            ("http.target", "/x?token=T", "/x?token=REDACTED"),
            ("url.query", "token=T&a=1", "token=REDACTED&a=1"),
            ("url.query", "?token=T", "?token=REDACTED"),
            ("shop.callback", "https://h/#access_token=T", "https://h/#access_token=REDACTED"),
            ("shop.note", "see https://a:b@h/ now", "see https://h/ now"),
            ("shop.note", "https://h/?sig=S and more", "https://h/?sig=REDACTED and more"),
            ("shop.list", r#"["https://h/?sig=S"]"#, r#"["https://h/?sig=REDACTED"]"#),
            ("shop.note", "is token=T a secret?", "is token=T a secret?"),
        ] {
            assert_eq!(redact_value(QueryRedaction::Secrets, key, value), expected, "{key} {value}");
        }
    }
}
