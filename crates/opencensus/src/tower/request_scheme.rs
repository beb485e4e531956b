//! Gives the middleware the scheme of a connection.

use std::sync::atomic::{AtomicBool, Ordering};

/// The scheme of a request, as an extension of the request. For servers that accept TLS connections by themselves: over
/// HTTP/1 a request does not carry its scheme. It goes before the setting
/// [`trace.scheme`](crate::settings::TraceSettings::scheme), which is for servers where all connections are alike.
///
/// # Examples
///
/// ```
/// use opencensus::RequestScheme;
///
/// # let is_tls = true;
/// let mut request = http::Request::get("/").body(())?;
/// request.extensions_mut().insert(if is_tls { RequestScheme::https() } else { RequestScheme::http() });
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RequestScheme(Scheme);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scheme {
    Http,
    Https,
}

// Most programs create none, and their requests need not be searched.
static IS_USED: AtomicBool = AtomicBool::new(false);

impl RequestScheme {
    /// `https`
    #[must_use]
    pub fn https() -> Self {
        Self::new(Scheme::Https)
    }

    /// `http`
    #[must_use]
    pub fn http() -> Self {
        Self::new(Scheme::Http)
    }

    fn new(scheme: Scheme) -> Self {
        IS_USED.store(true, Ordering::Relaxed);
        Self(scheme)
    }

    /// The scheme in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self.0 {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// Whether a request may have the extension.
    #[inline]
    pub(crate) fn is_used() -> bool {
        IS_USED.load(Ordering::Relaxed)
    }
}
