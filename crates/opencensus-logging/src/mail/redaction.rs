//! Redaction of secrets in mails.

use std::borrow::Cow;

use opencensus_settings::secret_names::{is_hidden_by_django, is_secret};

use crate::request_report::decode_form;

/// Django's replacement for a secret.
pub(super) const REDACTED: &str = "********************";

/// Decides which values are secrets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Redactor<'a> {
    pub(super) session_cookie: &'a str,
    /// Applies Django's rules alone, which do not redact forms and queries.
    pub(super) is_django: bool,
}

impl Redactor<'_> {
    /// Whether the value of a header or a cookie of this name is a secret.
    pub(super) fn is_secret(self, name: &str) -> bool {
        name == self.session_cookie
            || is_hidden_by_django(name)
            || !self.is_django && is_secret(name.strip_prefix("HTTP_").unwrap_or(name).as_bytes())
    }

    /// Whether the value of a form field or a query parameter of this name is a secret.
    pub(super) fn is_secret_input(self, name: &str) -> bool {
        !self.is_django && self.is_secret(name)
    }

    /// Redacts the query of a text that may be a URL.
    pub(super) fn redact_url(self, text: &str) -> Cow<'_, str> {
        match text.split_once('?') {
            Some((before, query)) if !self.is_django => Cow::Owned(format!("{before}?{}", self.redact_query(query))),
            _ => Cow::Borrowed(text),
        }
    }

    fn redact_query(self, query: &str) -> String {
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && self.is_secret_input(&decode_form(name)) => {
                format!("{name}={REDACTED}")
            }
            _ => pair.to_owned(),
        };
        let parts = query.split_inclusive(['&', ';']).map(|part| {
            let (text, separator) = part.split_at(part.trim_end_matches(['&', ';']).len());
            pair(text) + separator
        });
        parts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Redactor<'_> = Redactor { session_cookie: "sid", is_django: false };
    const DJANGOS: Redactor<'_> = Redactor { session_cookie: "sid", is_django: true };

    #[test]
    fn values_whose_names_contain_a_secret_word_are_redacted() {
        for name in ["PASSWORD", "auth_token", "X-Api-Key", "csrftoken", "AUTHOR", "HTTP_COOKIE", "sid"] {
            assert!(OURS.is_secret(name) && DJANGOS.is_secret(name) && !DJANGOS.is_secret_input(name), "{name}");
        }
        for name in ["theme", "HTTP_REFERER", "card"] {
            assert!(!OURS.is_secret(name), "{name}");
        }
        for name in
            ["HTTP_X_AMZ_CREDENTIAL", "HTTP_CODE", "sessionid", "session", "jwt", "pwd", "SAMLResponse", "code", "sig"]
        {
            assert!(OURS.is_secret(name) && !DJANGOS.is_secret(name), "{name}");
        }
    }

    #[test]
    fn only_secrets_of_a_query_are_redacted() {
        let text = "https://shop/?q=1&token=x&pass=;%74oken=y&a?key=z&sig";
        let stars = REDACTED;
        let expected = format!("https://shop/?q=1&token={stars}&pass=;%74oken={stars}&a?key={stars}&sig");
        assert_eq!(OURS.redact_url(text), expected);
        assert_eq!(DJANGOS.redact_url(text), text);
    }
}
