//! Lists of paths and hosts.

use opencensus_core::PathFilter;

use crate::settings::fault::{Checked, collect, fault, inside};
use crate::settings::list;
use crate::settings::node::Node;

/// Texts; one text is split at line ends and commas.
fn texts(node: &Node) -> Checked<Vec<(String, &Node)>> {
    match node {
        Node::Text(text) => Ok(list::split(&text.value).into_iter().map(|entry| (entry, node)).collect()),
        Node::List(items) => collect(items.iter().enumerate().map(|(at, item)| match item {
            Node::Text(text) => Ok((text.value.clone(), item)),
            other => inside(&format!("[{at}]"), fault(other.shown(), "write a text")),
        })),
        Node::Null => Ok(Vec::new()),
        other => fault(other.shown(), "write a list of texts"),
    }
}

/// Entries of the blacklist.
pub(crate) fn paths(node: &Node) -> Checked<Vec<String>> {
    let entries = texts(node)?;
    let is_list = matches!(node, Node::List(_));
    collect(entries.into_iter().enumerate().map(|(at, (entry, node))| {
        let place = if is_list { format!("[{at}]") } else { String::new() };
        inside(&place, path_entry(&entry, node)).map(|()| entry)
    }))
}

pub(super) fn path_entry(entry: &str, node: &Node) -> Checked<()> {
    match PathFilter::new([entry]) {
        Ok(_) => Ok(()),
        Err(error) => fault(node.shown(), first_line(&error.fault().to_string())),
    }
}

/// A regular expression's error shows it over several lines.
fn first_line(text: &str) -> String {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default().trim();
    match lines.next_back() {
        Some(last) => format!("{first} {}", last.trim()),
        None => first.to_owned(),
    }
}

/// `host` or `host:port`.
pub(crate) fn hosts(node: &Node) -> Checked<Vec<String>> {
    let entries = texts(node)?;
    collect(entries.into_iter().enumerate().map(|(at, (host, node))| {
        let checked = PathFilter::new([format!("host:{host}")]);
        let remedy = "a host is a name or an address, with a port or without, such as `db.example:5432`";
        let place = if matches!(node, Node::List(_)) { format!("[{at}]") } else { String::new() };
        if checked.is_err() { inside(&place, fault(node.shown(), remedy)) } else { Ok(host) }
    }))
}
