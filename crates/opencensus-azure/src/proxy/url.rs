//! The URL of an outbound proxy.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// URL of an HTTP proxy, such as `http://proxy.example:3128` or `http://user:password@proxy.example:3128`.
///
/// `Debug` shows neither user nor password.
///
/// # Examples
///
/// ```
/// use opencensus_azure::ProxyUrl;
///
/// let proxy: ProxyUrl = "http://anna:secret@proxy.example:3128".parse()?;
/// assert_eq!(format!("{proxy:?}"), r#"ProxyUrl("http://proxy.example:3128")"#);
/// # Ok::<(), opencensus_azure::ParseProxyUrlError>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct ProxyUrl(Url);

/// Why a proxy URL was rejected. The message never repeats the URL, which may contain a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseProxyUrlError {
    /// The text is not an absolute URL.
    #[error("the proxy URL is malformed: {0}")]
    NotAUrl(url::ParseError),
    /// The scheme is not `http` or `https`.
    #[error("the proxy URL must begin with `http://` or `https://`")]
    Scheme,
}

impl ProxyUrl {
    /// The URL **with user and password**.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for ProxyUrl {
    type Err = ParseProxyUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text.trim()).map_err(ParseProxyUrlError::NotAUrl)?;
        if matches!(url.scheme(), "http" | "https") { Ok(Self(url)) } else { Err(ParseProxyUrlError::Scheme) }
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProxyUrl").field(&self.0.origin().ascii_serialization()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_user_nor_password() {
        let proxy: ProxyUrl = " http://anna:hunter2@proxy.example:3128 ".parse().unwrap();
        assert_eq!(format!("{proxy:?}"), r#"ProxyUrl("http://proxy.example:3128")"#);
        assert_eq!(proxy.expose(), "http://anna:hunter2@proxy.example:3128/");
    }

    #[test]
    fn invalid_url_is_rejected_without_repeating_it() {
        for (text, message) in [
            ("anna:hunter2", "must begin with"),
            ("hunter2", "is malformed"),
            ("http://anna:hunter2@", "is malformed"),
            ("socks5://anna:hunter2@proxy", "must begin with"),
        ] {
            let error = text.parse::<ProxyUrl>().unwrap_err().to_string();
            assert!(error.contains(message) && !error.contains("hunter2"), "{text}: {error}");
        }
    }
}
