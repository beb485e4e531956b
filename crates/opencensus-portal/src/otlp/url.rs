//! URLs: those that spans record, and those that are composed of recorded parts.

use crate::otlp::attributes::Attributes;

/// The most UTF-16 units of the URL of a request.
const MAX_URL: usize = 2048;

const SCHEME: [&str; 2] = ["url.scheme", "http.scheme"];
const PARTS: [&str; 14] = [
    "url.scheme",
    "http.scheme",
    "url.path",
    "url.query",
    "http.target",
    "http.host",
    "http.server_name",
    "server.address",
    "server.port",
    "net.host.name",
    "net.host.port",
    "net.peer.name",
    "net.peer.port",
    "url.fragment",
];

/// The URL that a span records, else one that is composed of its parts.
pub(super) fn take_url(attributes: &mut Attributes) -> Option<String> {
    let url = attributes.take_within(MAX_URL, &["url.full", "http.url"]).or_else(|| compose(attributes))?;
    // The default ports are not in the URL.
    let host = authority_of(&url).unwrap_or_default();
    attributes.drop_parts_of(&format!("{url} {host}:80 {host}:443"), &PARTS);
    Some(url)
}

fn compose(attributes: &Attributes) -> Option<String> {
    let scheme = attributes.text(&SCHEME)?;
    let target = target(attributes)?;
    let host = host(attributes)?;
    let slash = if target.starts_with(['/', '?']) { "" } else { "/" };
    Some(format!("{scheme}://{}{slash}{target}", without_default_port(&host, &scheme)))
}

fn target(attributes: &Attributes) -> Option<String> {
    let Some(path) = attributes.text(&["url.path"]) else { return attributes.text(&["http.target"]) };
    match attributes.text(&["url.query"]) {
        Some(query) => Some(format!("{path}?{}", query.trim_start_matches('?'))),
        None => Some(path),
    }
}

/// Host and port of the server.
fn host(attributes: &Attributes) -> Option<String> {
    if let Some(address) = attributes.text(&["server.address"]) {
        return Some(with_port(&address, attributes.text(&["server.port"])));
    }
    if let Some(host) = attributes.text(&["http.host"]) {
        return Some(host);
    }
    let address = attributes.text(&["http.server_name", "net.host.name", "net.peer.name"])?;
    Some(with_port(&address, attributes.text(&["net.host.port", "net.peer.port"])))
}

/// `host:port`, with brackets around an IPv6 address.
pub(super) fn with_port(address: &str, port: Option<String>) -> String {
    let is_bare_ipv6 = address.matches(':').count() > 1 && !address.starts_with('[');
    let host = if is_bare_ipv6 { format!("[{address}]") } else { address.to_owned() };
    port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
}

/// The host without the default port of the scheme.
fn without_default_port<'a>(host: &'a str, scheme: &str) -> &'a str {
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return host,
    };
    host.strip_suffix(port).unwrap_or(host)
}

/// The path of an absolute URL, at least `/`.
pub(super) fn path_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    Some(rest.find('/').map_or("/", |at| &rest[at..]))
}

/// Host and port of an absolute URL, without user and default port.
pub(super) fn authority_of(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(without_default_port(host, scheme)).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;
    use serde_json::{Value, json};

    fn url(pairs: Value) -> (Option<String>, Value) {
        let mut attributes = Attributes::new(list(pairs));
        let url = take_url(&mut attributes);
        (url, attributes.into_properties().into())
    }

    #[test]
    fn urls_are_recorded_or_composed_by_old_and_new_conventions() {
        for (pairs, expected) in [
            (json!({"url.full": "http://h/x?y", "http.url": "http://h/x?y", "url.path": "/x"}), "http://h/x?y"),
            (
                json!({"url.scheme": "https", "server.address": "h", "server.port": 443, "url.path": "/x", "url.query": "y=1"}),
                "https://h/x?y=1",
            ),
            (
                json!({"url.scheme": "http", "server.address": "::1", "server.port": 8080, "url.path": "/"}),
                "http://[::1]:8080/",
            ),
            (json!({"http.scheme": "http", "http.host": "h:80", "http.target": "/x?y"}), "http://h/x?y"),
            (
                json!({"http.scheme": "http", "net.host.name": "h", "net.host.port": 81, "http.target": "/x"}),
                "http://h:81/x",
            ),
            (json!({"http.scheme": "http", "http.server_name": "s", "http.target": "x"}), "http://s/x"),
        ] {
            let (url, rest) = url(pairs);
            assert_eq!(url.as_deref(), Some(expected));
            assert_eq!(rest, json!({}), "{expected}");
        }
        for pairs in [json!({"url.path": "/x"}), json!({"url.scheme": "http", "url.path": "/x"}), json!({})] {
            assert_eq!(url(pairs).0, None);
        }
    }

    #[test]
    fn long_url_is_a_property_too() {
        let long = format!("http://h/{}", "x".repeat(MAX_URL));
        let (url, rest) = url(json!({"url.full": long}));
        assert_eq!((url.as_ref(), &rest["url.full"]), (Some(&long), &json!(long)));
    }

    #[test]
    fn paths_and_hosts_of_urls() {
        for (url, path, host) in [
            ("https://h:443/x/y?z#f", Some("/x/y"), Some("h")),
            ("http://u:p@h:81?a=/b", Some("/"), Some("h:81")),
            ("http://[::1]:80", Some("/"), Some("[::1]")),
            ("/x", None, None),
            ("http:///x", Some("/x"), None),
        ] {
            assert_eq!((path_of(url), authority_of(url)), (path, host), "{url}");
        }
    }
}
