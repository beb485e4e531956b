//! The names that mark a secret: the only such list of the workspace.
//!
//! Names of query keys, headers, cookies and form fields are compared without letter case and separators, so that
//! `X-API-Key`, `apiKey` and `api_key` are one name. Most words mark a secret wherever they occur in a name, as Django's
//! words do; short ones only as the whole name.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

/// A set of places, each a bit.
type Places = u8;

/// A whole name.
const WHOLE: Places = 1;
/// A part of a name.
const PART: Places = 1 << 1;
/// A word inside a text of the settings, which a fault then does not repeat.
const TEXT: Places = 1 << 2;
/// A word inside the name of a setting, a header or a cookie: Django's `HIDDEN_SETTINGS`.
const DJANGO: Places = 1 << 3;

const NAMES: &[(&str, Places)] = &[
    ("accountkey", TEXT),
    // Not a part elsewhere: `api-version` is no secret.
    ("api", DJANGO),
    ("api_key", TEXT),
    ("apikey", TEXT),
    ("assertion", WHOLE),
    ("auth", PART | DJANGO),
    ("authorization", TEXT),
    ("bearer", WHOLE),
    ("clientassertion", WHOLE),
    ("code", WHOLE),
    ("cookie", PART),
    ("credential", PART | TEXT),
    ("csrf", PART),
    ("hmac", WHOLE),
    ("http_cookie", DJANGO),
    ("instrumentationkey", TEXT),
    ("jwt", PART | TEXT),
    ("key", PART | DJANGO),
    ("nonce", WHOLE),
    ("otp", WHOLE),
    ("pass", PART | DJANGO),
    ("passwd", TEXT),
    ("password", TEXT),
    ("pin", WHOLE),
    ("pwd", PART | TEXT),
    ("saml", PART),
    ("secret", PART | TEXT | DJANGO),
    ("session", PART),
    ("sid", WHOLE),
    ("sig", WHOLE),
    ("sig=", TEXT),
    ("signature", PART | DJANGO),
    ("token", PART | TEXT | DJANGO),
    ("totp", WHOLE),
    ("xsrf", PART),
];

/// Whole names that are no secrets although they contain a word of the list.
const HARMLESS: [&str; 16] = [
    "author",
    "authorid",
    "authority",
    "authors",
    "cachekey",
    "compass",
    "idempotencykey",
    "keyboard",
    "keyword",
    "keywords",
    "partitionkey",
    "passenger",
    "passengers",
    "rowkey",
    "sortkey",
    "xidempotencykey",
];

// One column each, selected when the crate is compiled.
const WHOLE_NAMES: [&str; count(WHOLE)] = select(WHOLE);
const PARTS: [&str; count(PART)] = select(PART);
const WORDS_OF_TEXTS: [&str; count(TEXT)] = select(TEXT);
const WORDS_OF_DJANGO: [&str; count(DJANGO)] = select(DJANGO);

/// Whether the value of a query parameter, a header, a cookie or a form field of this name, percent-decoded, is usually a
/// secret.
///
/// # Examples
///
/// ```
/// use opencensus_settings::secret_names::is_secret;
///
/// assert!(["access_token", "X-API-Key", "refreshToken", "user[password]"].iter().all(|name| is_secret(name.as_bytes())));
/// assert!(!is_secret(b"page") && !is_secret(b"api-version"));
/// ```
#[must_use]
pub fn is_secret(name: &[u8]) -> bool {
    with_plain(name, |plain| {
        let contains = |part: &&str| contains(plain, part.as_bytes());
        let is = |word: &&str| word.as_bytes() == plain;
        WHOLE_NAMES.iter().any(is) || PARTS.iter().any(contains) && !HARMLESS.iter().any(is)
    })
}

/// Whether a text contains a word that usually occurs next to a secret.
#[must_use]
pub fn names_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    WORDS_OF_TEXTS.iter().any(|word| lower.contains(word))
}

/// Whether Django hides the value of a setting, a header (`HTTP_…`) or a cookie of this name in its error reports.
#[must_use]
pub fn is_hidden_by_django(name: &str) -> bool {
    // As Django, which compares in upper case: `ſ` equals `S`.
    let lower = name.to_uppercase().to_ascii_lowercase();
    WORDS_OF_DJANGO.iter().any(|word| lower.contains(word))
}

/// Names of secrets that a user adds to the list. Each marks a secret wherever it occurs in a name.
///
/// It is a copy of a reference, so that every request can carry it: a list that was made once stays in memory until the
/// process ends, and equal lists are one.
///
/// # Examples
///
/// ```
/// use opencensus_settings::secret_names::SecretNames;
///
/// let names = SecretNames::new(["iban", "tax-id"]);
/// assert!(names.contains(b"customer_iban") && names.contains(b"taxId"));
/// assert!(!names.contains(b"password"), "it holds the added names alone");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SecretNames(&'static [Box<str>]);

static LISTS: Mutex<Vec<&'static [Box<str>]>> = Mutex::new(Vec::new());

impl SecretNames {
    /// Creates a list. Names without a letter or a digit are left out, because they would match every name.
    #[must_use]
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let plain =
            |name: S| with_plain(name.as_ref().as_bytes(), |plain| Box::<str>::from(String::from_utf8_lossy(plain)));
        let plain_names = names.into_iter().map(plain);
        let names: Vec<Box<str>> = plain_names.filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            return Self::default();
        }
        let mut lists = LISTS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lists.iter().find(|known| ***known == *names) {
            return Self(known);
        }
        let list: &'static [Box<str>] = names.leak();
        lists.push(list);
        Self(list)
    }

    /// Whether no name is added.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The added names, in lower case and without separators.
    pub fn iter(self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|name| &**name)
    }

    /// Whether an added name occurs in this name.
    #[must_use]
    pub fn contains(self, name: &[u8]) -> bool {
        !self.0.is_empty() && with_plain(name, |plain| self.iter().any(|added| contains(plain, added.as_bytes())))
    }
}

/// Longest name that is compared without an allocation, in bytes.
const USUAL: usize = 128;

/// Calls `compare` with the letters and digits of a name, in lower case.
fn with_plain<T>(name: &[u8], compare: impl FnOnce(&[u8]) -> T) -> T {
    if name.len() > USUAL || !name.is_ascii() {
        let text = String::from_utf8_lossy(name);
        // By way of upper case, as Django: `ſ` equals `s`.
        let lower = if text.is_ascii() { text } else { Cow::Owned(text.to_uppercase()) }.to_lowercase();
        let plain: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
        return compare(plain.as_bytes());
    }
    let (mut plain, mut length) = ([0; USUAL], 0);
    for byte in name.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        plain[length] = byte.to_ascii_lowercase();
        length += 1;
    }
    compare(&plain[..length])
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

const fn count(place: Places) -> usize {
    let (mut count, mut at) = (0, 0);
    while at < NAMES.len() {
        count += (NAMES[at].1 & place != 0) as usize;
        at += 1;
    }
    count
}

const fn select<const N: usize>(place: Places) -> [&'static str; N] {
    let (mut words, mut next, mut at) = ([""; N], 0, 0);
    while at < NAMES.len() {
        if NAMES[at].1 & place != 0 {
            words[next] = NAMES[at].0;
            next += 1;
        }
        at += 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_once_in_lower_case_and_in_order() {
        assert!(NAMES.is_sorted_by(|(one, _), (next, _)| one < next));
        assert!(NAMES.iter().all(|(name, places)| *name == name.to_ascii_lowercase() && *places != 0));
        assert!(HARMLESS.is_sorted());
    }

    #[test]
    fn columns_hold_all_their_names() {
        let names = [&WHOLE_NAMES[..], &PARTS, &WORDS_OF_TEXTS, &WORDS_OF_DJANGO];
        assert_eq!(names.map(<[&str]>::len), [11, 14, 13, 8]);
        assert!(names.iter().all(|names| names.iter().all(|name| !name.is_empty())));
        assert!(WHOLE_NAMES.iter().chain(&PARTS).all(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    }

    #[test]
    fn names_are_compared_without_case_and_separators() {
        for name in [
            "auth_token",
            "sessionid",
            "jwt",
            "pwd",
            "X-API-Key",
            "api_key",
            "csrfmiddlewaretoken",
            "access-token",
            "SAMLResponse",
            "refreshToken",
            "user[password]",
            "X-Amz-Signature",
            "Set-Cookie",
            "client.secret",
            "paſſword",
            "sig",
            "CODE",
            &format!("{}token", "x".repeat(1000)),
        ] {
            assert!(is_secret(name.as_bytes()), "{name}");
        }
        for name in ["", "-", "page", "q", "api-version", "author", "Key-words", "country_code", "design", "pinned"] {
            assert!(!is_secret(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn users_add_names_and_equal_lists_are_one() {
        let names = SecretNames::new(["tax-ID", "-", "Straße"]);
        assert!(names.contains(b"tax_id") && names.contains(b"myTaxId") && names.contains("STRASSE".as_bytes()));
        assert!(!names.contains(b"tax") && !names.contains(b""));
        assert!(std::ptr::eq(names.0, SecretNames::new(["TAXID", "strasse"]).0));
        assert_eq!(SecretNames::new(["", "/"]), SecretNames::default());
    }

    #[test]
    fn texts_and_djangos_names_are_searched() {
        assert!(names_secret("my-PASSWORD") && !names_secret("/users/{id}"));
        assert!(is_hidden_by_django("EMAIL_HOST_PASSWORD") && is_hidden_by_django("AUTHOR"));
        assert!(is_hidden_by_django("paſsword") && !is_hidden_by_django("\u{212a}ey"));
        assert!(!is_hidden_by_django("session") && !is_hidden_by_django("HTTP_REFERER"));
    }
}
