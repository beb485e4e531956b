//! Attributes of a span by OpenTelemetry's names, the stable ones and those before.

use std::borrow::Cow;

use opencensus_core::{Attribute, Value};

/// Attributes, to be looked up.
#[derive(Clone, Copy)]
pub(crate) struct Attributes<'a>(pub(crate) &'a [Attribute]);

impl<'a> Attributes<'a> {
    pub(crate) fn value(self, key: &str) -> Option<&'a Value> {
        self.0.iter().find(|attribute| attribute.key == key).map(|attribute| &attribute.value)
    }

    /// The first of these that is there and not empty, as text.
    pub(crate) fn text(self, keys: &[&str]) -> Option<Cow<'a, str>> {
        keys.iter()
            .find_map(|key| match self.value(key)? {
                Value::Text(text) => Some(Cow::Borrowed(&**text)),
                value => Some(Cow::Owned(value.to_string())),
            })
            .filter(|text| !text.is_empty())
    }

    pub(crate) fn has(self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// The method of an HTTP request or call.
    pub(crate) fn http_method(self) -> Option<Cow<'a, str>> {
        self.text(&["http.request.method", "http.method"])
    }

    /// The status of an HTTP response, or of a gRPC call.
    pub(crate) fn result_code(self) -> Option<Cow<'a, str>> {
        self.text(&["http.response.status_code", "http.status_code", "rpc.grpc.status_code"])
    }

    /// The URL as it was told, or put together.
    pub(crate) fn url(self) -> Option<Cow<'a, str>> {
        self.told_url().or_else(|| self.composed_url().map(Cow::Owned))
    }

    /// The URL as it was told.
    pub(crate) fn told_url(self) -> Option<Cow<'a, str>> {
        self.text(&["url.full", "http.url"])
    }

    /// Scheme, host and target. The port that the scheme has by default is left out, an IPv6 address stands
    /// in brackets.
    fn composed_url(self) -> Option<String> {
        let scheme = self.text(&["url.scheme", "http.scheme"])?;
        let target = match self.value("url.path") {
            Some(path) => {
                let query = self.text(&["url.query"]);
                let query = query.map_or_else(String::new, |query| format!("?{}", query.trim_start_matches('?')));
                format!("{path}{query}")
            }
            None => self.text(&["http.target"])?.into_owned(),
        };
        let host = self.host(&scheme)?;
        let slash = if target.is_empty() || target.starts_with(['/', '?']) { "" } else { "/" };
        Some(format!("{scheme}://{host}{slash}{target}"))
    }

    fn host(self, scheme: &str) -> Option<String> {
        if let Some(host) = self.text(&["http.host"]).filter(|_| !self.has("server.address")) {
            return Some(host.into_owned());
        }
        let address = self.text(&["server.address", "http.server_name", "net.host.name"])?;
        let port = self.text(&["server.port", "net.host.port"]);
        let host = bracketed(&address);
        let host = port.map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
        Some(super::without_default_port(&host, scheme).to_owned())
    }
}

/// An IPv6 address in brackets, anything else as it is.
pub(crate) fn bracketed(address: &str) -> Cow<'_, str> {
    let is_bare_ipv6 = address.matches(':').count() > 1 && !address.starts_with('[');
    if is_bare_ipv6 { Cow::Owned(format!("[{address}]")) } else { Cow::Borrowed(address) }
}

/// The path of a URL: `/` if it has none. `None`: it is no URL.
pub(crate) fn path_of(url: &str) -> Option<String> {
    url::Url::parse(url).ok().filter(url::Url::has_host).map(|url| url.path().to_owned())
}
