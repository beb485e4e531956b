//! A map as two tables.

use maud::{Markup, html};

use crate::pages::map::drawing::received;
use crate::pages::map::graph::{Graph, Node};
use crate::pages::scope::Scope;
use crate::pages::section::MAP;
use crate::pages::table::Column::{Number, Text};
use crate::pages::table::table;
use crate::pages::{format, statistics};

/// The nodes.
pub(super) fn nodes(scope: &Scope, graph: &Graph) -> Markup {
    let columns = [Text("Node"), Text("Kind"), Number("Received")].into_iter().chain(statistics::COLUMNS);
    let rows = html! {
        @for node in &graph.nodes {
            tr {
                td.name { (link(scope, node)) }
                td.name { (node.kind) }
                td.number { (format::count(node.received.count)) " " (received(node)) }
                (statistics::cells(&node.received))
            }
        }
    };
    table("Nodes", columns, &rows)
}

/// The connections between the nodes.
pub(super) fn edges(scope: &Scope, graph: &Graph) -> Markup {
    let columns = [Text("From"), Text("To"), Number("Calls")].into_iter().chain(statistics::COLUMNS);
    let rows = html! {
        @for edge in &graph.edges {
            tr {
                td.name { (link(scope, &graph.nodes[edge.from])) }
                td.name { (link(scope, &graph.nodes[edge.to])) }
                td.number { (format::count(edge.calls.count)) }
                (statistics::cells(&edge.calls))
            }
        }
    };
    table("Connections", columns, &rows)
}

/// A link that selects a node.
pub(super) fn link(scope: &Scope, node: &Node) -> Markup {
    html! { a href=(format!("{}#node", scope.link(MAP.path, [("node", node.key.as_str())]))) { (node.name) } }
}
