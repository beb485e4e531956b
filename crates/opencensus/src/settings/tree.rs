//! A whole tree as settings, and back.

use crate::settings::draft::Draft;
use crate::settings::keys::{self, Key};
use crate::settings::node::Node;
use opencensus_settings::checked::{all, fault, inside};
use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};

/// Reads a tree over what the draft holds already. All faults at once, as the tree has them.
///
/// The predecessor's outermost name, `OPENCENSUS`, may be around everything, or around a part.
pub(crate) fn read(draft: &mut Draft, node: &Node) -> Checked<()> {
    let Node::Table(entries) = node else { return fault(node.shown(), "write a table of settings") };
    all(entries.iter().map(|(name, value)| {
        let read = match of_root(name) {
            Some(Root::Wrapper) => read(draft, value),
            Some(Root::Key(key)) => draft.set(key.path, value),
            Some(Root::Section(section)) => read_section(draft, section, value),
            None => unknown(name, ""),
        };
        inside(&redact::key(name), read)
    }))
}

enum Root {
    Wrapper,
    Key(&'static Key),
    Section(&'static str),
}

fn of_root(name: &str) -> Option<Root> {
    if name.eq_ignore_ascii_case("opencensus") {
        return Some(Root::Wrapper);
    }
    if let Some(key) = keys::ALL.iter().find(|key| key.section().is_empty() && key.is_called(name)) {
        return Some(Root::Key(key));
    }
    sections().find(|section| section.eq_ignore_ascii_case(name)).map(Root::Section)
}

fn sections() -> impl Iterator<Item = &'static str> {
    keys::ALL.iter().map(Key::section).filter(|section| !section.is_empty())
}

fn read_section(draft: &mut Draft, section: &'static str, node: &Node) -> Checked<()> {
    let entries = match node {
        Node::Table(entries) => entries,
        Node::Null => return Ok(()),
        _ => return fault(node.shown(), format!("write a table: `[{section}]`")),
    };
    all(entries.iter().map(|(name, value)| {
        let key = keys::ALL.iter().find(|key| key.section() == section && key.is_called(name));
        let read = key.map_or_else(|| unknown(name, section), |key| draft.set(key.path, value));
        inside(&redact::key(name), read)
    }))
}

/// An unknown key is a fault with the nearest known one.
fn unknown(name: &str, section: &str) -> Checked<()> {
    Err(vec![Fault::new("an unknown key", remedy(&name.to_ascii_lowercase(), section))])
}

fn remedy(name: &str, section: &str) -> String {
    if !cfg!(feature = "azure") && section.is_empty() && name == "azure" {
        return "build with the feature `azure` of `opencensus`".to_owned();
    }
    if !cfg!(feature = "logging") && section.is_empty() && name == "logging" {
        return "build with the feature `logging` of `opencensus`".to_owned();
    }
    // A key of another section, by its exact name.
    if let Some(key) = keys::ALL.iter().find(|key| key.section() != section && key.is_called(name)) {
        return match key.section() {
            "" => format!("`{name}` stands at the top, outside every section"),
            other => format!("`{name}` belongs to `[{other}]`"),
        };
    }
    let of_section = keys::ALL.iter().filter(|key| key.section() == section);
    let mut known: Vec<&str> = of_section.flat_map(|key| key.aliases.iter().copied().chain([key.name()])).collect();
    if section.is_empty() {
        known.extend(sections());
    }
    known.dedup();
    nearest(name, &known)
}

/// What differs from the defaults, as a tree.
pub(crate) fn write(settings: &crate::settings::Settings) -> Node {
    let mut root: Vec<(String, Node)> = Vec::new();
    for key in keys::ALL {
        let Some(value) = (key.write)(settings).map(escaped) else { continue };
        if key.section().is_empty() {
            root.push((key.name().to_owned(), value));
            continue;
        }
        let entry = (key.name().to_owned(), value);
        match root.iter_mut().find(|(name, _)| name == key.section()) {
            Some((_, Node::Table(section))) => section.push(entry),
            _ => root.push((key.section().to_owned(), Node::Table(vec![entry]))),
        }
    }
    Node::Table(root)
}

fn escaped(node: Node) -> Node {
    match node {
        Node::Text(text) => Node::text(opencensus_settings::interpolation::escape(&text.value)),
        Node::List(items) => Node::List(items.into_iter().map(escaped).collect()),
        Node::Table(entries) => Node::Table(entries.into_iter().map(|(key, value)| (key, escaped(value))).collect()),
        other => other,
    }
}
