//! Which requests go through which proxy.

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Url;

use crate::loopback::is_loopback;
use crate::proxy::url::ProxyUrl;

/// Selects the proxy of a request.
#[derive(Debug)]
pub(crate) struct OutboundProxy {
    matcher: Matcher,
    // Whether requests to loopback addresses go through the proxy too.
    for_loopback: bool,
}

impl OutboundProxy {
    /// This proxy for every request, or `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, which do not
    /// apply to loopback addresses.
    pub(crate) fn new(proxy: Option<&ProxyUrl>) -> Self {
        match proxy {
            Some(proxy) => Self { matcher: Matcher::builder().all(proxy.expose()).build(), for_loopback: true },
            // `from_system` would change its result with a feature that another crate may choose.
            None => Self { matcher: Matcher::from_env(), for_loopback: false },
        }
    }

    /// Whether requests to this URL go through a proxy that is reached over TLS.
    pub(crate) fn is_https(&self, to: &Url) -> bool {
        let proxy = to.as_str().parse().ok().and_then(|to| self.of(&to));
        proxy.is_some_and(|proxy| proxy.uri().scheme_str() == Some("https"))
    }

    /// The proxy for requests to `to`.
    pub(crate) fn of(&self, to: &Uri) -> Option<Intercept> {
        let is_direct = !self.for_loopback && to.host().is_some_and(is_loopback);
        if is_direct { None } else { self.matcher.intercept(to) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configured_proxy_applies_to_every_host_with_its_decoded_credentials() {
        let proxy = OutboundProxy::new(Some(&"http://anna:p%40ss@proxy.example:3128/".parse().unwrap()));
        for to in ["https://shop.example/v2.1/track", "http://shop.example/", "http://127.0.0.1:8787/"] {
            let intercept = proxy.of(&to.parse().unwrap()).unwrap();
            assert_eq!(intercept.uri(), "http://proxy.example:3128/", "{to}");
            // anna:p@ss
            assert_eq!(intercept.basic_auth().unwrap(), "Basic YW5uYTpwQHNz", "{to}");
        }
    }
}
