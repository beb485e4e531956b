//! Attributes of the resource.

use crate::settings::draft::Draft;
use crate::settings::node::Node;
use opencensus_settings::Checked;
use opencensus_settings::checked::{fault, inside};
use opencensus_settings::redact;

/// Names and texts; tables inside tables are names with dots.
pub(super) fn read(draft: &mut Draft, node: &Node) -> Checked<()> {
    let Node::Table(entries) = node else {
        return fault(node.shown(), "write a table of names and texts, such as `\"service.name\" = \"shop\"`");
    };
    let mut faults = Vec::new();
    for (name, value) in entries {
        let set = match value {
            _ if name.is_empty() => fault("an empty name", "name the attribute"),
            Node::Table(inner) => read(draft, &below(name, inner)),
            value => inside(
                &redact::key(name),
                attribute(value).map(|text| draft.settings.resource.set(name.as_str(), text)),
            ),
        };
        faults.extend(set.err().into_iter().flatten());
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The entries with `name.` in front.
fn below(name: &str, entries: &[(String, Node)]) -> Node {
    Node::Table(entries.iter().map(|(inner, value)| (format!("{name}.{inner}"), value.clone())).collect())
}

fn attribute(node: &Node) -> Checked<String> {
    match node {
        Node::Text(text) => Ok(text.value.clone()),
        Node::Bool(value) => Ok(value.to_string()),
        Node::Integer(value) => Ok(value.to_string()),
        Node::Float(value) => Ok(value.to_string()),
        other => fault(other.shown(), "write a text"),
    }
}
