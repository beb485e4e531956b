//! Parts of URLs.

use std::borrow::Cow;

/// The host without the default port of the scheme.
pub(super) fn without_default_port<'a>(host: &'a str, scheme: &str) -> &'a str {
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return host,
    };
    host.strip_suffix(port).unwrap_or(host)
}

/// Puts an IPv6 address into brackets and leaves anything else unchanged.
pub(super) fn bracketed(address: &str) -> Cow<'_, str> {
    let is_bare_ipv6 = address.matches(':').count() > 1 && !address.starts_with('[');
    if is_bare_ipv6 { Cow::Owned(format!("[{address}]")) } else { Cow::Borrowed(address) }
}

/// The path of an absolute URL, at least `/`. `None` if the text is not a URL with a host.
pub(super) fn path_of(url: &str) -> Option<String> {
    url::Url::parse(url).ok().filter(url::Url::has_host).map(|url| url.path().to_owned())
}
