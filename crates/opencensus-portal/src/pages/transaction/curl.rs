//! A request as a command line of curl.

use std::fmt::Write as _;

use crate::store::{Item, ItemKind};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// The command that repeats a request, without headers and body. `None`: the URL is not known.
pub(super) fn curl(item: &Item) -> Option<String> {
    let url = item.url.as_deref().filter(|_| item.kind == ItemKind::Request)?.trim();
    let is_web = ["http://", "https://"].iter().any(|scheme| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)) && url.len() > scheme.len()
    });
    is_web.then_some(())?;
    let method = item.name.split(' ').next().unwrap_or_default();
    let option = match method {
        "HEAD" => " --head".to_owned(),
        "GET" => String::new(),
        method if METHODS.contains(&method) => format!(" -X {method}"),
        _ => String::new(),
    };
    Some(format!("curl --globoff{option} '{}'", encode(url)))
}

/// Encodes what a URL cannot contain: quotes, spaces, control characters and letters beyond ASCII. The rest is harmless
/// between single quotes.
fn encode(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_graphic() && !b"'\"\\`<>".contains(&byte) {
            encoded.push(byte.into());
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(name: &str, url: &str) -> Option<String> {
        curl(&Item { name: name.into(), url: Some(url.into()), ..Item::at(1) })
    }

    #[test]
    fn command_repeats_the_method_and_the_url() {
        assert_eq!(command("GET /a", "http://h/a?b=$c&d").unwrap(), "curl --globoff 'http://h/a?b=$c&d'");
        assert_eq!(command("DELETE /a", "HTTPS://h/[1-9]").unwrap(), "curl --globoff -X DELETE 'HTTPS://h/[1-9]'");
        assert_eq!(command("HEAD /", "http://h/").unwrap(), "curl --globoff --head 'http://h/'");
        assert_eq!(command("rm -rf", "http://h/").unwrap(), "curl --globoff 'http://h/'");
    }

    #[test]
    fn no_url_ends_the_quotes_or_sends_keys_to_a_terminal() {
        let hostile = "http://h/';rm -rf ~;'\n\x03\x1b[201~`id`\"\\ü";
        let expected = "curl --globoff 'http://h/%27;rm%20-rf%20~;%27%0A%03%1B[201~%60id%60%22%5C%C3%BC'";
        assert_eq!(command("GET /", hostile).unwrap(), expected);
        for url in ["", "/path", "file:///etc/passwd", "-o /x http://h", "http://", "é"] {
            assert_eq!(command("GET /", url), None, "{url}");
        }
        assert_eq!(curl(&Item { kind: ItemKind::Event, url: Some("http://h/".into()), ..Item::at(1) }), None);
    }
}
