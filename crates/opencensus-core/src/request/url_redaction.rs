//! Redacts secrets in URLs.

use std::borrow::Cow;

use crate::request::QueryRedaction;

impl QueryRedaction {
    /// Redacts a URL, absolute or relative: removes the user name and the password, and redacts the query and the
    /// fragment as [`apply`](Self::apply) does.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_core::QueryRedaction;
    ///
    /// let url = QueryRedaction::Secrets.apply_to_url("https://anna:pw@shop.example/?sig=S&page=2");
    /// assert_eq!(url, "https://shop.example/?sig=REDACTED&page=2");
    /// assert_eq!(QueryRedaction::Secrets.apply_to_url("/?token=abc"), "/?token=REDACTED");
    /// ```
    #[must_use]
    pub fn apply_to_url<'a>(self, url: &'a str) -> Cow<'a, str> {
        let start = scheme_length(url);
        let rest = &url[start..];
        let redacted = if start > 0 { self.redact_after_scheme(rest) } else { self.redact_target(rest) };
        match redacted {
            Cow::Borrowed(_) => Cow::Borrowed(url),
            Cow::Owned(redacted) => Cow::Owned(format!("{}{redacted}", &url[..start])),
        }
    }

    /// Redacts every absolute URL in a text, such as the message of an HTTP client's error. A URL ends with a space, a
    /// quote, a line end, `<` or `>`.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_core::QueryRedaction;
    ///
    /// let text = QueryRedaction::Secrets.apply_to_text("no response from https://shop.example/?sig=S (timeout)");
    /// assert_eq!(text, "no response from https://shop.example/?sig=REDACTED (timeout)");
    /// ```
    #[must_use]
    pub fn apply_to_text<'a>(self, text: &'a str) -> Cow<'a, str> {
        let (mut redacted, mut copied, mut from) = (String::new(), 0, 0);
        while let Some(start) = authority_start(&text[from..]).map(|start| from + start) {
            let is_end = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '`' | '<' | '>');
            let end = text[start..].find(is_end).map_or(text.len(), |end| start + end);
            if let Cow::Owned(url) = self.redact_after_scheme(&text[start..end]) {
                redacted.push_str(&text[copied..start]);
                redacted.push_str(&url);
                copied = end;
            }
            from = end;
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        redacted.push_str(&text[copied..]);
        Cow::Owned(redacted)
    }

    /// Redacts a URL whose scheme and `://` are left out.
    fn redact_after_scheme(self, url: &str) -> Cow<'_, str> {
        let authority = url.find(['/', '?', '#', '\\']).unwrap_or(url.len());
        match url[..authority].rfind('@') {
            Some(at) => Cow::Owned(self.redact_target(&url[at + 1..]).into_owned()),
            None => self.redact_target(url),
        }
    }

    /// Redacts the query and the fragment, which has the form of a query in responses of OAuth.
    fn redact_target(self, target: &str) -> Cow<'_, str> {
        let Some(start) = target.find(['?', '#']).map(|at| at + 1) else { return Cow::Borrowed(target) };
        let (query, fragment) = target[start..]
            .split_once('#')
            .map_or((&target[start..], None), |(query, fragment)| (query, Some(fragment)));
        match (self.apply(query), fragment.map(|fragment| self.apply(fragment))) {
            (Cow::Borrowed(_), None | Some(Cow::Borrowed(_))) => Cow::Borrowed(target),
            (query, None) => Cow::Owned(format!("{}{query}", &target[..start])),
            (query, Some(fragment)) => Cow::Owned(format!("{}{query}#{fragment}", &target[..start])),
        }
    }
}

/// The bytes of `scheme://`, or of `//`. 0 if the URL has no authority.
fn scheme_length(url: &str) -> usize {
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let scheme = url.trim_start_matches(is_scheme);
    let scheme = if url.len() > scheme.len() { scheme.strip_prefix(':').unwrap_or_default() } else { scheme };
    if scheme.starts_with("//") { url.len() - scheme.len() + 2 } else { 0 }
}

/// Where the first URL's authority starts, after a scheme and `://`.
fn authority_start(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find("://").map(|at| from + at) {
        let start = at + "://".len();
        if text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) {
            return Some(start);
        }
        from = start;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_name_password_and_secrets_are_removed_from_a_url() {
        for (url, expected) in [
            ("https://anna:pw@h/?sig=S&api_key=K", "https://h/?sig=REDACTED&api_key=REDACTED"),
            ("https://anna@h", "https://h"),
            ("https://a:p%40w@[::1]:8443/x", "https://[::1]:8443/x"),
            ("postgres://u:p@db:5432/shop", "postgres://db:5432/shop"),
            ("https://h/#access_token=T&state=1", "https://h/#access_token=REDACTED&state=1"),
            ("https://h/?token=T#sig=S", "https://h/?token=REDACTED#sig=REDACTED"),
            ("https://h/?a=1#section", "https://h/?a=1#section"),
            ("https://h/mail@x?a=b@c", "https://h/mail@x?a=b@c"),
            ("/login?token=T&page=2", "/login?token=REDACTED&page=2"),
            ("//u:p@h/?token=T", "//h/?token=REDACTED"),
            ("?sig=S", "?sig=REDACTED"),
            ("/a?next=https://h/&sig=S'T", "/a?next=https://h/&sig=REDACTED"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(QueryRedaction::Secrets.apply_to_url(url), expected, "{url}");
        }
        assert!(matches!(QueryRedaction::Secrets.apply_to_url("https://h/?page=2"), Cow::Borrowed(_)));
        assert_eq!(QueryRedaction::None.apply_to_url("https://a:b@h/?sig=S"), "https://h/?sig=S");
        assert_eq!(QueryRedaction::All.apply_to_url("https://h/?page=2"), "https://h/?page=REDACTED");
    }

    #[test]
    fn every_url_in_a_text_is_redacted() {
        for (text, expected) in [
            ("from (https://a:b@h/?sig=S)", "from (https://h/?sig=REDACTED"),
            (
                "\"https://h/?sig=S\" and http://h?token=T\nend",
                "\"https://h/?sig=REDACTED\" and http://h?token=REDACTED\nend",
            ),
            ("no url: a://, ://b and c", "no url: a://, ://b and c"),
            ("é😀 wss://u:p@h/é 😀", "é😀 wss://h/é 😀"),
        ] {
            assert_eq!(QueryRedaction::Secrets.apply_to_text(text), expected, "{text}");
        }
        assert!(matches!(QueryRedaction::Secrets.apply_to_text("a://b c: d"), Cow::Borrowed(_)));
    }
}
