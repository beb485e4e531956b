//! The panel beside a map: one node, its operations and its connections.

use maud::{Markup, html};

use crate::pages::map::drawing::{received, summary};
use crate::pages::map::graph::{Graph, Identity, Node};
use crate::pages::map::lists::link;
use crate::pages::scope::Scope;
use crate::pages::section::{FAILURES, MAP, PERFORMANCE, SEARCH};
use crate::pages::table::Column::{Number, Text};
use crate::pages::table::table;
use crate::pages::{format, statistics};
use crate::search::{Field, term};
use crate::store::{CallMap, Filter, ItemKind, Statistics, Timings};

/// The most operations of a node.
const MAX_OPERATIONS: usize = 5;

/// The items that a node received. `None` if it stands for several nodes.
pub(super) fn filter(map: &CallMap, node: &Node, scope: Filter) -> Option<Filter> {
    let text = |number: usize| map.names.text(number);
    match node.identity {
        Identity::Role(role) => Some(scope.of_kind(ItemKind::Request).of_role(text(role))),
        Identity::Browser(role) => Some(scope.of_kind(ItemKind::PageView).of_role(text(role))),
        Identity::Target(kind, target) => Some(scope.of_kind(ItemKind::Dependency).of_target(text(kind), text(target))),
        Identity::Others => None,
    }
}

pub(super) fn panel(scope: &Scope, map: &CallMap, graph: &Graph, selected: usize, operations: &Timings) -> Markup {
    let node = &graph.nodes[selected];
    let connections = |is_of: &dyn Fn(usize, usize) -> Option<usize>| {
        let other = graph.edges.iter().filter_map(|edge| Some((is_of(edge.from, edge.to)?, &edge.calls)));
        other.map(|(other, calls)| (&graph.nodes[other], calls)).collect::<Vec<_>>()
    };
    let callers = connections(&|from, to| (to == selected).then_some(from));
    let targets = connections(&|from, to| (from == selected).then_some(to));
    html! {
        section.card.panel #node tabindex="-1" aria-labelledby="node-name" {
            h2 #node-name { (node.name) }
            p.soft { (node.kind) ": " (summary(&node.received, received(node))) }
            (links(scope, map, node))
            (top_operations(operations))
            (connected(scope, "Called by", &callers))
            (connected(scope, "Calls", &targets))
            p { a href=(scope.link(MAP.path, [])) { "Close" } }
        }
    }
}

/// Links to the pages that list the items of a role, or the calls of a target.
fn links(scope: &Scope, map: &CallMap, node: &Node) -> Markup {
    let links: Vec<_> = match node.identity {
        Identity::Role(role) | Identity::Browser(role) => {
            let of_role = Scope { role: map.names.text(role).to_owned(), ..scope.clone() };
            [SEARCH, PERFORMANCE, FAILURES].map(|section| (section.title, of_role.link(section.path, []))).into()
        }
        Identity::Target(kind, target) => {
            let terms = [(Field::Target, target), (Field::Type, kind)];
            let terms = terms.map(|(field, value)| term(&field, map.names.text(value), false));
            vec![(SEARCH.title, scope.link(SEARCH.path, [("q", terms.join(" ").as_str())]))]
        }
        Identity::Others => Vec::new(),
    };
    html! { p.links { @for (title, link) in links { a href=(link) { (title) } } } }
}

fn top_operations(operations: &Timings) -> Markup {
    let mut operations = operations.by_name();
    operations.sort_by(|a, b| b.1.count.total_cmp(&a.1.count).then_with(|| a.0.cmp(b.0)));
    operations.truncate(MAX_OPERATIONS);
    let columns = [Text("Name"), Number("Count")].into_iter().chain(statistics::COLUMNS);
    let rows = html! {
        @for (name, statistics) in &operations {
            tr {
                td.name { (format::name(name)) }
                td.number { (format::count(statistics.count)) }
                (statistics::cells(statistics))
            }
        }
    };
    html! {
        @if !operations.is_empty() {
            h3 { "Top operations" }
            (table("Top operations", columns, &rows))
        }
    }
}

fn connected(scope: &Scope, title: &str, connections: &[(&Node, &Statistics)]) -> Markup {
    html! {
        @if !connections.is_empty() {
            h3 { (title) }
            ul {
                @for (node, calls) in connections {
                    li { (link(scope, node)) " " span.soft { (summary(calls, "calls")) } }
                }
            }
        }
    }
}
