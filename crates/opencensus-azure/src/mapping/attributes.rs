//! Attributes of a span by OpenTelemetry's conventions, the stable ones and the older ones.

use std::borrow::Cow;

use opencensus_core::{Attribute, Value};

use crate::mapping::url::{bracketed, without_default_port};

/// The attributes of a span, with lookup by key.
#[derive(Clone, Copy)]
pub(crate) struct Attributes<'a>(pub(crate) &'a [Attribute]);

impl<'a> Attributes<'a> {
    pub(crate) fn value(self, key: &str) -> Option<&'a Value> {
        self.0.iter().find(|attribute| attribute.key == key).map(|attribute| &attribute.value)
    }

    /// The text of the first of these keys that is present. `None` if that text is empty.
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

    /// The method of an HTTP request, incoming or outgoing.
    pub(crate) fn http_method(self) -> Option<Cow<'a, str>> {
        self.text(&["http.request.method", "http.method"])
    }

    /// The status of an HTTP response, or of a gRPC call.
    pub(crate) fn result_code(self) -> Option<Cow<'a, str>> {
        self.text(&["http.response.status_code", "http.status_code", "rpc.grpc.status_code"])
    }

    /// The recorded URL, else one that is composed of the recorded parts.
    pub(crate) fn url(self) -> Option<Cow<'a, str>> {
        self.recorded_url().or_else(|| self.composed_url().map(Cow::Owned))
    }

    /// The URL, if the span records it as a whole.
    pub(crate) fn recorded_url(self) -> Option<Cow<'a, str>> {
        self.text(&["url.full", "http.url"])
    }

    /// Composes scheme, host and target, without the default port of the scheme.
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
        Some(without_default_port(&host, scheme).to_owned())
    }

    /// `peer/destination` of a message.
    pub(super) fn message_target(self) -> Option<String> {
        let peer = self.text(&["peer.address", "server.address", "net.peer.name", "net.peer.ip"]);
        let destination =
            self.text(&["message_bus.destination", "messaging.destination.name", "messaging.destination"]);
        match (peer, destination) {
            (Some(peer), Some(destination)) => Some(format!("{peer}/{destination}")),
            (one, other) => one.or(other).map(Cow::into_owned),
        }
    }
}
