//! The URL of a span.

use std::borrow::Cow;

use crate::envelope::Field;
use crate::mapping::attributes::Attributes;
use crate::mapping::url::{bracketed, without_default_port};

/// The keys of a whole URL.
pub(crate) const URL: [&str; 2] = ["url.full", "http.url"];

/// The recorded URL, else one that is composed of the recorded parts, for a field that holds it.
pub(crate) fn take_url<'a>(attributes: &Attributes<'a>, field: Field) -> Option<Cow<'a, str>> {
    let url = attributes.take_for(field, &URL);
    url.or_else(|| attributes.within(field, || compose(attributes)).map(Cow::Owned))
}

/// Composes scheme, host and target, without the default port of the scheme.
fn compose(attributes: &Attributes<'_>) -> Option<String> {
    let scheme = attributes.text(&["url.scheme", "http.scheme"])?;
    let target = target(attributes)?;
    let host = host(attributes, &scheme)?;
    attributes.hold(&["url.scheme", "http.scheme"], &scheme);
    let slash = if target.is_empty() || target.starts_with(['/', '?']) { "" } else { "/" };
    Some(format!("{scheme}://{host}{slash}{target}"))
}

fn target(attributes: &Attributes<'_>) -> Option<String> {
    let is_recorded = attributes.list().iter().any(|attribute| attribute.key == "url.path");
    let Some(path) = attributes.take(&["url.path"]).or_else(|| {
        // An empty path is a path, unless an older key has one.
        (is_recorded && !attributes.has("http.target")).then_some(Cow::Borrowed(""))
    }) else {
        return attributes.take(&["http.target"]).map(Cow::into_owned);
    };
    let query = attributes.take(&["url.query"]);
    let mut target = path.into_owned();
    if let Some(query) = query {
        target.extend(["?", query.trim_start_matches('?')]);
    }
    attributes.hold(&["http.target"], &target);
    Some(target)
}

fn host(attributes: &Attributes<'_>, scheme: &str) -> Option<String> {
    if !attributes.has("server.address")
        && let Some(host) = attributes.take(&["http.host"])
    {
        return Some(host.into_owned());
    }
    let address = attributes.take(&["server.address", "http.server_name", "net.host.name"])?;
    let port = attributes.take(&["server.port", "net.host.port"]);
    let host = bracketed(&address);
    let host = port.map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
    attributes.hold(&["http.host"], &host);
    Some(without_default_port(&host, scheme).to_owned())
}
