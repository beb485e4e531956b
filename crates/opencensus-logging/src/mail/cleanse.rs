//! What nobody should read in a mail.

/// Django's twenty stars.
pub(super) const HIDDEN: &str = "********************";

/// Parts of names whose values are secrets, in any case.
const SECRET: [&str; 8] = ["API", "AUTH", "TOKEN", "KEY", "SECRET", "PASS", "SIGNATURE", "HTTP_COOKIE"];

/// Whether the value of this name is hidden.
pub(super) fn is_secret(name: &str, session_cookie: &str) -> bool {
    let upper = name.to_uppercase();
    name == session_cookie || SECRET.iter().any(|part| upper.contains(part))
}

/// A query with its secret values hidden.
pub(super) fn query(query: &str, session_cookie: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && is_secret(name, session_cookie) => format!("{name}={HIDDEN}"),
        _ => pair.to_owned(),
    };
    query.split('&').map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_hold_a_secret_word_are_hidden() {
        for name in ["PASSWORD", "auth_token", "X-Api-Key", "csrftoken", "AUTHOR", "HTTP_COOKIE", "sid"] {
            assert!(is_secret(name, "sid"), "{name}");
        }
        for name in ["theme", "HTTP_REFERER", "card", "sessionid"] {
            assert!(!is_secret(name, "sid"), "{name}");
        }
        assert_eq!(query("q=1&token=x&pass=", "sid"), "q=1&token=********************&pass=");
    }
}
