//! The names that mark a secret: the only such list of the workspace.
//!
//! Each row names a word and the places where that word marks a secret. Names of query keys and headers are compared
//! whole, the words of texts and of Django's settings wherever they occur in a name. Letter case does not count.

/// A set of places, each a bit.
type Places = u8;

/// The key of a query parameter: OpenTelemetry's HTTP conventions (`url.query`, 1.42) and common names.
const QUERY: Places = 1;
/// The name of a header that may not be captured.
const HEADER: Places = 1 << 1;
/// A word inside a text of the settings, which a fault then does not repeat.
const TEXT: Places = 1 << 2;
/// A word inside the name of a setting, a header or a cookie: Django's `HIDDEN_SETTINGS`.
const DJANGO: Places = 1 << 3;

const NAMES: &[(&str, Places)] = &[
    ("access_token", QUERY),
    ("accountkey", TEXT),
    ("api", DJANGO),
    ("api_key", QUERY | TEXT),
    ("apikey", QUERY | TEXT),
    ("auth", QUERY | DJANGO),
    ("authorization", HEADER | TEXT),
    ("awsaccesskeyid", QUERY),
    ("client_secret", QUERY),
    ("code", QUERY),
    ("cookie", HEADER),
    ("credential", TEXT),
    ("http_cookie", DJANGO),
    ("id_token", QUERY),
    ("instrumentationkey", TEXT),
    ("key", QUERY | DJANGO),
    ("pass", DJANGO),
    ("passwd", QUERY | TEXT),
    ("password", QUERY | TEXT),
    ("proxy-authorization", HEADER),
    ("pwd", TEXT),
    ("refresh_token", QUERY),
    ("secret", QUERY | TEXT | DJANGO),
    ("session", QUERY),
    ("set-cookie", HEADER),
    ("sig", QUERY),
    ("sig=", TEXT),
    ("signature", QUERY | DJANGO),
    ("token", QUERY | TEXT | DJANGO),
    ("x-amz-credential", QUERY),
    ("x-amz-security-token", QUERY),
    ("x-amz-signature", QUERY),
    ("x-goog-signature", QUERY),
];

// One column each, selected when the crate is compiled: query keys are compared for every request with a query.
const QUERY_KEYS: [&str; count(QUERY)] = select(QUERY);
const HEADERS: [&str; count(HEADER)] = select(HEADER);
const WORDS_OF_TEXTS: [&str; count(TEXT)] = select(TEXT);
const WORDS_OF_DJANGO: [&str; count(DJANGO)] = select(DJANGO);

/// Whether the value of a query parameter with this key, percent-decoded, is usually a secret.
///
/// # Examples
///
/// ```
/// use opencensus_settings::secret_names::is_secret_query_key;
///
/// assert!(is_secret_query_key(b"Access_Token"));
/// assert!(!is_secret_query_key(b"page"));
/// ```
#[must_use]
pub fn is_secret_query_key(key: &[u8]) -> bool {
    QUERY_KEYS.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(key))
}

/// Whether a header of this name carries credentials, and so may not be captured.
#[must_use]
pub fn is_secret_header(name: &str) -> bool {
    HEADERS.iter().any(|word| word.eq_ignore_ascii_case(name))
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
    }

    #[test]
    fn columns_hold_all_their_names() {
        let names = [&QUERY_KEYS[..], &HEADERS, &WORDS_OF_TEXTS, &WORDS_OF_DJANGO];
        assert_eq!(names.map(<[&str]>::len), [21, 4, 12, 8]);
        assert!(names.iter().all(|names| names.iter().all(|name| !name.is_empty())));
    }

    #[test]
    fn query_keys_and_headers_are_compared_whole() {
        assert!(is_secret_query_key(b"X-Amz-Signature") && !is_secret_query_key(b"tokens"));
        assert!(is_secret_header("Set-Cookie") && !is_secret_header("x-cookie"));
    }

    #[test]
    fn texts_and_djangos_names_are_searched() {
        assert!(names_secret("my-PASSWORD") && !names_secret("/users/{id}"));
        assert!(is_hidden_by_django("EMAIL_HOST_PASSWORD") && is_hidden_by_django("AUTHOR"));
        assert!(is_hidden_by_django("paſsword") && !is_hidden_by_django("\u{212a}ey"));
        assert!(!is_hidden_by_django("session") && !is_hidden_by_django("HTTP_REFERER"));
    }
}
