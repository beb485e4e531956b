//! The name of the operation of a span.

use crate::otlp::attributes::Attributes;
use crate::otlp::message::Span;
use crate::otlp::url::path_of;

/// The keys of the method of an HTTP request, incoming or outgoing.
pub(super) const METHOD: [&str; 2] = ["http.request.method", "http.method"];

/// Method and route of an HTTP request, else method and path of its URL, else the name of the span. A span without a name
/// is `unnamed`: the service refuses items without one.
pub(super) fn take_name(span: &Span, attributes: &mut Attributes, url: Option<&str>) -> String {
    let own = if span.name.trim().is_empty() { "unnamed" } else { &span.name };
    let Some(method) = attributes.text(&METHOD) else { return own.to_owned() };
    let route = if span.kind == Span::SERVER { attributes.take(&["http.route"]) } else { None };
    let path = route.or_else(|| url.and_then(path_of).map(str::to_owned));
    let name = path.map_or_else(|| own.to_owned(), |path| format!("{method} {path}"));
    if name.split(' ').next() == Some(&method) {
        attributes.take(&METHOD);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;
    use serde_json::{Value, json};

    #[test]
    fn name_is_method_and_route_or_path_or_that_of_the_span() {
        let (server, client) = (Span::SERVER, Span::CLIENT);
        for (kind, name, pairs, url, expected, rest) in [
            (
                server,
                "x",
                json!({"http.request.method": "GET", "http.route": "/u/{id}"}),
                None,
                "GET /u/{id}",
                json!({}),
            ),
            (
                server,
                "x",
                json!({"http.method": "GET", "http.route": ""}),
                Some("http://h/u/7?a"),
                "GET /u/7",
                json!({"http.route": ""}),
            ),
            (server, "GET", json!({"http.request.method": "GET"}), None, "GET", json!({})),
            (server, "x", json!({"http.request.method": "GET"}), None, "x", json!({"http.request.method": "GET"})),
            (
                client,
                "GET",
                json!({"http.request.method": "GET", "http.route": "/r"}),
                Some("http://h"),
                "GET /",
                json!({"http.route": "/r"}),
            ),
            (client, "work", json!({}), Some("http://h"), "work", json!({})),
            (client, " ", json!({}), None, "unnamed", json!({})),
        ] {
            let span = Span { name: name.to_owned(), kind, ..Span::default() };
            let mut attributes = Attributes::new(list(pairs));
            assert_eq!(take_name(&span, &mut attributes, url), expected);
            assert_eq!(Value::from(attributes.into_properties()), rest, "{expected}");
        }
    }
}
