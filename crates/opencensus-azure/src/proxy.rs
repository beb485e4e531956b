//! A proxy on the way out.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// The proxy that telemetry goes through: `http://proxy.example:3128`, with `user:password@` where it wants them.
///
/// What it shows of itself holds neither user nor password.
#[derive(Clone, Eq, PartialEq)]
pub struct ProxyUrl(Url);

/// Why a proxy's URL cannot be used. It never repeats the URL, which may hold a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseProxyUrlError {
    /// It is no absolute URL.
    #[error("the proxy's URL cannot be read: {0}")]
    NotAUrl(url::ParseError),
    /// Its scheme is not `http` or `https`.
    #[error("the proxy's URL begins with neither `http://` nor `https://`")]
    Scheme,
}

impl ProxyUrl {
    /// The URL with its user and password.
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
    fn password_of_a_proxy_is_never_shown() {
        let proxy: ProxyUrl = " http://anna:hunter2@proxy.example:3128 ".parse().unwrap();
        assert_eq!(format!("{proxy:?}"), r#"ProxyUrl("http://proxy.example:3128")"#);
        assert_eq!(proxy.expose(), "http://anna:hunter2@proxy.example:3128/");
    }

    #[test]
    fn url_of_no_proxy_is_told_without_itself() {
        for (text, told) in [
            ("anna:hunter2", "begins with neither"),
            ("hunter2", "cannot be read"),
            ("http://anna:hunter2@", "cannot be read"),
            ("socks5://anna:hunter2@proxy", "begins with neither"),
        ] {
            let error = text.parse::<ProxyUrl>().unwrap_err().to_string();
            assert!(error.contains(told) && !error.contains("hunter2"), "{text}: {error}");
        }
    }
}
