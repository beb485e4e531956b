//! Redacts secrets in query strings.

use std::borrow::Cow;

use opencensus_settings::secret_names::{SecretNames, is_secret};

use crate::request::percent_decode;

/// Which query values are replaced by `REDACTED` before a request is exported.
///
/// # Examples
///
/// ```
/// use opencensus_core::QueryRedaction;
///
/// assert_eq!(QueryRedaction::Secrets.apply("page=2&token=abc"), "page=2&token=REDACTED");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum QueryRedaction {
    /// Values of keys that usually hold secrets: names that contain a word such as `token`, `key`, `pass` or `session`, in
    /// any spelling ([list](opencensus_settings::secret_names)). The default.
    #[default]
    Secrets,
    /// These, and values of keys with the user's own names of secrets.
    SecretsAnd(SecretNames),
    /// Every value.
    All,
    /// No value.
    None,
}

const REDACTED: &str = "REDACTED";

impl QueryRedaction {
    /// Redacts a query. Keys are compared percent-decoded; `&` and `;` separate pairs.
    #[must_use]
    pub fn apply<'a>(self, query: &'a str) -> Cow<'a, str> {
        if self == Self::None || !query.contains('=') {
            return Cow::Borrowed(query);
        }
        // Most queries have no secrets and are not copied.
        let mut redacted: Option<String> = None;
        let mut position = 0;
        for pair in query.split_inclusive(['&', ';']) {
            let (text, separator) = pair.split_at(pair.trim_end_matches(['&', ';']).len());
            let secret = text.split_once('=').filter(|(key, value)| !value.is_empty() && self.redacts(key));
            if let Some((key, _)) = secret {
                let redacted = redacted.get_or_insert_with(|| query[..position].to_owned());
                redacted.extend([key, "=", REDACTED, separator]);
            } else if let Some(redacted) = &mut redacted {
                redacted.push_str(pair);
            }
            position += pair.len();
        }
        redacted.map_or(Cow::Borrowed(query), Cow::Owned)
    }

    fn redacts(self, key: &str) -> bool {
        self == Self::All || self.hides(&percent_decode(key))
    }

    /// Whether the value of this name is usually a secret, or all values are hidden.
    #[must_use]
    pub fn hides(self, name: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Secrets => is_secret(name),
            Self::SecretsAnd(added) => is_secret(name) || added.contains(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_values_are_redacted_and_keys_kept() {
        let redacted = QueryRedaction::Secrets.apply("q=1&Token=abc&%73ig=x;password=&page=2");
        assert_eq!(redacted, "q=1&Token=REDACTED&%73ig=REDACTED;password=&page=2");
    }

    #[test]
    fn repeated_keys_are_all_redacted() {
        assert_eq!(QueryRedaction::Secrets.apply("sig=1&sig=2"), "sig=REDACTED&sig=REDACTED");
    }

    #[test]
    fn names_of_the_user_are_redacted_as_well() {
        let redaction = QueryRedaction::SecretsAnd(SecretNames::new(["iban"]));
        assert_eq!(redaction.apply("IBAN=1&pwd=2&page=3"), "IBAN=REDACTED&pwd=REDACTED&page=3");
    }

    #[test]
    fn harmless_query_is_not_copied() {
        assert!(matches!(QueryRedaction::Secrets.apply("q=1&page=2&x=%zz"), Cow::Borrowed(_)));
    }

    #[test]
    fn all_values_or_none_are_redacted() {
        assert_eq!(QueryRedaction::All.apply("q=1&flag"), "q=REDACTED&flag");
        assert_eq!(QueryRedaction::None.apply("token=1"), "token=1");
    }
}
