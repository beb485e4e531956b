//! Lists of paths and hosts.

use opencensus_core::{ForwardedHeader, PathFilter, TrustedProxies};

use crate::middleware::header_capture::{self, InvalidHeader};
use crate::security::AllowedHosts;
use crate::settings::list;
use crate::settings::node::Node;
use crate::settings::notation;
use opencensus_settings::Checked;
use opencensus_settings::checked::{collect, fault, inside};

/// Texts, each of which `check` accepts; one text is split at line ends and commas. All faults at once.
fn texts(node: &Node, check: fn(&str, &Node) -> Checked<()>) -> Checked<Vec<String>> {
    match node {
        Node::Text(text) => {
            // `['/a', '/b']`, as it may stand in a variable that a program has written.
            if let Some(items) = notation::parse_list(text.value.trim()) {
                return texts(&Node::List(items), check);
            }
            let entries = list::split(&text.value).into_iter().enumerate();
            collect(entries.map(|(at, entry)| {
                inside(&format!("[{at}]"), check(&entry, &Node::part(text, &entry))).map(|()| entry)
            }))
        }
        Node::List(items) => collect(items.iter().enumerate().map(|(at, item)| {
            let checked = match item {
                Node::Text(text) => check(&text.value, item).map(|()| text.value.clone()),
                other => fault(other.shown(), "write a text"),
            };
            inside(&format!("[{at}]"), checked)
        })),
        Node::Null => Ok(Vec::new()),
        other => fault(other.shown(), "write a list of texts"),
    }
}

/// Entries of the blacklist.
pub(crate) fn paths(node: &Node) -> Checked<Vec<String>> {
    texts(node, path_entry)
}

/// `host` or `host:port`.
pub(crate) fn hosts(node: &Node) -> Checked<Vec<String>> {
    texts(node, |host, node| {
        let remedy = "a host is a name or an address, with a port or without, such as `db.example:5432` or `[::1]`";
        if PathFilter::new([format!("host:{host}")]).is_ok() { Ok(()) } else { fault(node.shown(), remedy) }
    })
}

/// Hosts that clients may ask for.
pub(crate) fn allowed_hosts(node: &Node) -> Checked<Vec<String>> {
    texts(node, |host, node| {
        let remedy = "write `shop.example`, `.shop.example` for all below it, too, `[::1]`, or `*`; without a port";
        if AllowedHosts::may_match(host) { Ok(()) } else { fault(node.shown(), remedy) }
    })
}

/// Addresses and networks.
pub(crate) fn proxies(node: &Node) -> Checked<Vec<String>> {
    texts(node, |proxy, node| {
        let remedy = "write an address or a network, such as `10.0.0.0/8`";
        let checked = TrustedProxies::new([proxy], ForwardedHeader::default());
        if checked.is_ok() { Ok(()) } else { fault(node.shown(), remedy) }
    })
}

/// Names of headers.
pub(crate) fn headers(node: &Node) -> Checked<Vec<String>> {
    texts(node, |header, node| match header_capture::name(header) {
        Ok(_) => Ok(()),
        Err(InvalidHeader::Secret(_)) => fault(node.shown(), "headers that carry secrets are never told"),
        Err(InvalidHeader::Name(_)) => fault(node.shown(), "write the name of a header"),
    })
}

pub(super) fn path_entry(entry: &str, node: &Node) -> Checked<()> {
    match PathFilter::new([entry]) {
        Ok(_) => Ok(()),
        Err(error) => fault(node.shown(), on_one_line(&error.fault().to_string())),
    }
}

/// A regular expression's error shows it over several lines; the last one says what is wrong.
fn on_one_line(text: &str) -> String {
    match text.split_once("regex parse error:") {
        Some((before, shown)) => {
            let last = shown.lines().next_back().unwrap_or_default();
            format!("{before}{}", last.trim().trim_start_matches("error: "))
        }
        None => text.to_owned(),
    }
}
