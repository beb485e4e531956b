//! A map as two tables.

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::map::drawing::received;
use crate::pages::map::graph::{Graph, Node};
use crate::pages::scope::Scope;
use crate::pages::section::MAP;
use crate::store::Statistics;

/// The nodes.
pub(super) fn nodes(scope: &Scope, graph: &Graph) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Node" }
                    th scope="col" { "Kind" }
                    th.number scope="col" { "Received" }
                    (heads())
                }
            }
            tbody {
                @for node in &graph.nodes {
                    tr {
                        td.name { (link(scope, node)) }
                        td.name { (node.kind) }
                        td.number { (format::count(node.received.count)) " " (received(node)) }
                        (cells(&node.received))
                    }
                }
            }
        }
    }
}

/// The connections between the nodes.
pub(super) fn edges(scope: &Scope, graph: &Graph) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "From" }
                    th scope="col" { "To" }
                    th.number scope="col" { "Calls" }
                    (heads())
                }
            }
            tbody {
                @for edge in &graph.edges {
                    tr {
                        td.name { (link(scope, &graph.nodes[edge.from])) }
                        td.name { (link(scope, &graph.nodes[edge.to])) }
                        td.number { (format::count(edge.calls.count)) }
                        (cells(&edge.calls))
                    }
                }
            }
        }
    }
}

/// A link that selects a node.
pub(super) fn link(scope: &Scope, node: &Node) -> Markup {
    html! { a href=(format!("{}#node", scope.link(MAP.path, [("node", node.key.as_str())]))) { (node.name) } }
}

/// The heads of the columns that [`cells`] fills.
pub(super) fn heads() -> Markup {
    html! {
        th.number scope="col" { "Failed" }
        th.number scope="col" { "95th percentile" }
    }
}

pub(super) fn cells(statistics: &Statistics) -> Markup {
    let failed = statistics.failed > 0.0;
    html! {
        td.number.failed[failed] {
            (format::count(statistics.failed))
            @if failed { " (" (format::percent(statistics.failed_share())) ")" }
        }
        td.number { (statistics.p95().map_or_else(|| "–".to_owned(), format::duration)) }
    }
}
