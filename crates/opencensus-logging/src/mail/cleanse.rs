//! What nobody should read in a mail.

use std::borrow::Cow;

use opencensus_core::request::percent_decode;
use opencensus_settings::secret_names::{is_hidden_by_django, is_secret_query_key};

/// Django's twenty stars.
pub(crate) const HIDDEN: &str = "********************";

/// Which values are hidden.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cleanser<'a> {
    pub(crate) session_cookie: &'a str,
    /// Django's rules and no more: what clients enter is shown.
    pub(crate) is_plain: bool,
}

impl Cleanser<'_> {
    /// Whether the value of a header or a cookie of this name is hidden.
    pub(crate) fn hides(self, name: &str) -> bool {
        let is_secret = |name: &str| is_secret_query_key(name.as_bytes());
        name == self.session_cookie
            || is_hidden_by_django(name)
            || !self.is_plain && (is_secret(name) || is_secret(&header_name(&name.to_uppercase())))
    }

    /// Whether the value of a field of a form or a query is hidden.
    pub(crate) fn hides_input(self, name: &str) -> bool {
        !self.is_plain && self.hides(name)
    }

    /// A URL, or what may be one: the values of its query are input.
    pub(crate) fn url(self, text: &str) -> Cow<'_, str> {
        match text.split_once('?') {
            Some((before, query)) if !self.is_plain => Cow::Owned(format!("{before}?{}", self.query(query))),
            _ => Cow::Borrowed(text),
        }
    }

    fn query(self, query: &str) -> String {
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && self.hides_input(&decoded(name)) => format!("{name}={HIDDEN}"),
            _ => pair.to_owned(),
        };
        let parts = query.split_inclusive(['&', ';']).map(|part| {
            let (text, separator) = part.split_at(part.trim_end_matches(['&', ';']).len());
            pair(text) + separator
        });
        parts.collect()
    }
}

/// `x-amz-credential` of `HTTP_X_AMZ_CREDENTIAL`.
fn header_name(upper: &str) -> String {
    upper.strip_prefix("HTTP_").unwrap_or(upper).replace('_', "-")
}

/// A part of a query, where `+` is a space.
pub(crate) fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent_decode(&text.replace('+', " "))).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Cleanser<'_> = Cleanser { session_cookie: "sid", is_plain: false };
    const DJANGOS: Cleanser<'_> = Cleanser { session_cookie: "sid", is_plain: true };

    #[test]
    fn names_that_hold_a_secret_word_are_hidden() {
        for name in ["PASSWORD", "auth_token", "X-Api-Key", "csrftoken", "AUTHOR", "HTTP_COOKIE", "sid"] {
            assert!(OURS.hides(name) && DJANGOS.hides(name) && !DJANGOS.hides_input(name), "{name}");
        }
        for name in ["theme", "HTTP_REFERER", "card", "sessionid"] {
            assert!(!OURS.hides(name), "{name}");
        }
        for name in ["HTTP_X_AMZ_CREDENTIAL", "session", "code", "sig"] {
            assert!(OURS.hides(name) && !DJANGOS.hides(name), "{name}");
        }
    }

    #[test]
    fn queries_keep_what_is_no_secret() {
        let text = "https://shop/?q=1&token=x&pass=;%74oken=y&a?key=z&sig";
        let stars = HIDDEN;
        let wanted = format!("https://shop/?q=1&token={stars}&pass=;%74oken={stars}&a?key={stars}&sig");
        assert_eq!(OURS.url(text), wanted);
        assert_eq!(DJANGOS.url(text), text);
    }
}
