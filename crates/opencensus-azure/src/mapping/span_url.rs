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

/// Composes scheme, host and target, without the default port of the scheme, in one text.
fn compose(attributes: &Attributes<'_>) -> Option<String> {
    let scheme = attributes.text(&["url.scheme", "http.scheme"])?;
    let target = Target::take(attributes)?;
    let mut url = String::with_capacity(256);
    url.extend([&*scheme, "://"]);
    write_host(&mut url, attributes, &scheme)?;
    attributes.hold(&["url.scheme", "http.scheme"], &scheme);
    let at = url.len();
    target.write(&mut url);
    attributes.hold(&["http.target"], &url[at..]);
    if at < url.len() && !url[at..].starts_with(['/', '?']) {
        url.insert(at, '/');
    }
    Some(url)
}

/// The path and the query of a URL.
struct Target<'a> {
    path: Cow<'a, str>,
    query: Option<Cow<'a, str>>,
}

impl<'a> Target<'a> {
    fn take(attributes: &Attributes<'a>) -> Option<Self> {
        let is_recorded = attributes.list().iter().any(|attribute| attribute.key == "url.path");
        let path = attributes.take(&["url.path"]).or_else(|| {
            // An empty path is a path, unless an older key has one.
            (is_recorded && !attributes.has("http.target")).then_some(Cow::Borrowed(""))
        });
        match path {
            Some(path) => Some(Self { path, query: attributes.take(&["url.query"]) }),
            None => Some(Self { path: attributes.take(&["http.target"])?, query: None }),
        }
    }

    fn write(&self, url: &mut String) {
        url.push_str(&self.path);
        if let Some(query) = &self.query {
            url.extend(["?", query.trim_start_matches('?')]);
        }
    }
}

/// Appends the host with its port, without the default port of the scheme. `None` if it is not recorded.
fn write_host(url: &mut String, attributes: &Attributes<'_>, scheme: &str) -> Option<()> {
    if !attributes.has("server.address")
        && let Some(host) = attributes.take(&["http.host"])
    {
        url.push_str(&host);
        return Some(());
    }
    let start = url.len();
    url.push_str(&bracketed(&attributes.take(&["server.address", "http.server_name", "net.host.name"])?));
    if let Some(port) = attributes.take(&["server.port", "net.host.port"]) {
        url.extend([":", &*port]);
    }
    attributes.hold(&["http.host"], &url[start..]);
    url.truncate(start + without_default_port(&url[start..], scheme).len());
    Some(())
}
