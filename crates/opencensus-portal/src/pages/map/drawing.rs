//! Draws a map as SVG.

use std::fmt::Write as _;

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::map::graph::{Edge, Graph, Identity, Node};
use crate::pages::map::layout::{self, NODE_HEIGHT, NODE_WIDTH, Point};
use crate::pages::scope::Scope;
use crate::pages::section::MAP;
use crate::store::Statistics;

/// The most characters of a name in a node.
const MAX_NAME: usize = 16;
/// The radius of the ring that shows the share of failures.
const RADIUS: f64 = 18.0;
/// The left end of a node's texts.
const TEXT: f64 = 54.0;

/// The map as a drawing whose nodes are links.
pub(super) fn drawing(scope: &Scope, graph: &Graph, selected: Option<usize>) -> Markup {
    let pairs: Vec<_> = graph.edges.iter().map(|edge| (edge.from, edge.to)).collect();
    let layout = layout::layout(graph.nodes.len(), &pairs);
    let (width, height) = (layout.width, layout.height);
    let places = label_places(&layout.edges, graph.edges.iter().map(|edge| layout.nodes[edge.from]));
    let label =
        format!("{} nodes and {} connections; the tables below list the same", graph.nodes.len(), graph.edges.len());
    html! {
        svg.map role="group" aria-label=(label) width=(width) height=(height)
            viewBox=(format!("0 0 {width} {height}")) {
            defs { (arrow("arrow", "arrow")) (arrow("arrow-failed", "arrow bad")) }
            @for (edge, points) in graph.edges.iter().zip(&layout.edges) {
                (line(graph, edge, &path(points, layout.nodes[edge.from])))
            }
            @for (at, (node, corner)) in graph.nodes.iter().zip(&layout.nodes).enumerate() {
                (node_link(scope, node, *corner, selected == Some(at)))
            }
            @for (edge, place) in graph.edges.iter().zip(places) { (label_of(edge, place)) }
        }
    }
}

/// What statistics show: the number, the share of failures if there are any, and the 95th percentile.
pub(super) fn summary(statistics: &Statistics, what: &str) -> String {
    let count = format::count(statistics.count);
    let what = if count == "1" { what.trim_end_matches('s') } else { what };
    let mut text = format!("{count} {what}");
    if statistics.failed > 0.0 {
        let _ = write!(text, ", {} failed", format::percent(statistics.failed_share()));
    }
    if let Some(p95) = statistics.p95() {
        let _ = write!(text, ", 95th percentile {}", format::duration(p95));
    }
    text
}

/// What a node receives.
pub(super) fn received(node: &Node) -> &'static str {
    match node.identity {
        Identity::Role(_) => "requests",
        Identity::Browser(_) => "page views",
        Identity::Target(..) => "calls",
        Identity::Others => "items",
    }
}

fn arrow(id: &str, class: &str) -> Markup {
    html! {
        marker id=(id) viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9"
            markerUnits="userSpaceOnUse" orient="auto" {
            path class=(class) d="M0 0L10 5L0 10Z" {}
        }
    }
}

/// The curve of an edge; above the node at `corner` for an edge to itself.
fn path(points: &[Point], (x, y): Point) -> String {
    let Some((first, rest)) = points.split_first() else {
        let (start, end) = (x + NODE_WIDTH - 70.0, x + NODE_WIDTH - 30.0);
        return format!("M{start} {y}C{start} {:.1} {end} {:.1} {end} {y}", y - 30.0, y - 30.0);
    };
    let mut path = format!("M{:.1} {:.1}", first.0, first.1);
    let mut last = *first;
    for (at, point) in rest.iter().enumerate() {
        // Between layers a curve, through a layer a straight line.
        let _ = if at % 2 == 0 {
            let middle = (last.0 + point.0) / 2.0;
            write!(path, "C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}", last.1, point.1, point.0, point.1)
        } else {
            write!(path, "L{:.1} {:.1}", point.0, point.1)
        };
        last = *point;
    }
    path
}

fn line(graph: &Graph, edge: &Edge, path: &str) -> Markup {
    let failed = edge.calls.failed > 0.0;
    let (class, marker) = if failed { ("edge bad", "url(#arrow-failed)") } else { ("edge", "url(#arrow)") };
    let width = 1.2 + edge.calls.count.max(1.0).log10() / 2.0;
    let names = [edge.from, edge.to].map(|node| &graph.nodes[node].name);
    html! {
        path class=(class) d=(path) fill="none" stroke-width=(format!("{width:.1}")) marker-end=(marker) {
            title { (names[0]) " → " (names[1]) ": " (summary(&edge.calls, "calls")) }
        }
    }
}

/// Where the numbers of each edge stand: at the middle of the edge, or further along it if another label is there.
fn label_places(edges: &[Vec<Point>], corners: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut places: Vec<Point> = Vec::new();
    for (points, corner) in edges.iter().zip(corners) {
        let candidates = [0.5, 0.35, 0.65, 0.2, 0.8].map(|share| label_place(points, corner, share));
        let is_free =
            |(x, y): &&Point| places.iter().all(|other| (x - other.0).abs() > 70.0 || (y - other.1).abs() > 27.0);
        places.push(candidates.iter().find(is_free).copied().unwrap_or(candidates[0]));
    }
    places
}

/// A place at a share of an edge: above the line, or below it for an edge that leads back.
fn label_place(points: &[Point], (node_x, node_y): Point, share: f64) -> Point {
    let middle = points.len() / 4 * 2;
    let (Some(from), Some(to)) = (points.get(middle), points.get(middle + 1)) else {
        return (node_x + NODE_WIDTH - 84.0, node_y - 20.0);
    };
    // The curve between layers leaves and arrives level.
    let eased = share * share * (3.0 - 2.0 * share);
    let side = if from.0 < to.0 { -17.0 } else { 14.0 };
    (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * eased + side)
}

/// The numbers of an edge.
fn label_of(edge: &Edge, (x, y): Point) -> Markup {
    let failed = edge.calls.failed > 0.0;
    let p95 = edge.calls.p95().map(format::duration).unwrap_or_default();
    let anchor = if edge.from == edge.to { "end" } else { "middle" };
    html! {
        text.label x=(format!("{x:.1}")) y=(format!("{y:.1}")) text-anchor=(anchor) aria-hidden="true" {
            (format::count(edge.calls.count)) @if failed { tspan.bad { " ✗ " (format::percent(edge.calls.failed_share())) } }
            tspan x=(format!("{x:.1}")) dy="13" { (p95) }
        }
    }
}

fn node_link(scope: &Scope, node: &Node, (x, y): Point, is_selected: bool) -> Markup {
    let class = match node.identity {
        Identity::Role(_) => "node role",
        Identity::Browser(_) => "node browser",
        Identity::Target(..) => "node target",
        Identity::Others => "node others",
    };
    let target = format!("{}#node", scope.link(MAP.path, [("node", node.key.as_str())]));
    let text = format!("{} {}: {}", node.kind, node.name, summary(&node.received, received(node)));
    html! {
        a class=(class) href=(target) aria-current=[is_selected.then_some("true")] {
            title { (text) }
            rect x=(x) y=(y) width=(NODE_WIDTH) height=(NODE_HEIGHT) rx=(corner(node)) {}
            (ring(&node.received, x + TEXT / 2.0, y + NODE_HEIGHT / 2.0))
            // What is wider than the node is cut.
            svg x=(x + TEXT) y=(y) width=(NODE_WIDTH - TEXT - 4.0) height=(NODE_HEIGHT) {
                text.kind x="0" y="17" { (shortened(&node.kind)) }
                text.name x="0" y="35" { (shortened(&node.name)) }
                text.numbers x="0" y="52" {
                    (format::count(node.received.count)) " " (received(node))
                    @if let Some(p95) = node.received.p95() { " · " (format::duration(p95)) }
                }
            }
        }
    }
}

/// Roles are round, all else is angular.
fn corner(node: &Node) -> f64 {
    if matches!(node.identity, Identity::Role(_)) { 12.0 } else { 0.0 }
}

/// A ring whose red part is the share of failures, with the share as a number.
fn ring(statistics: &Statistics, x: f64, y: f64) -> Markup {
    let around = 2.0 * std::f64::consts::PI * RADIUS;
    let red = statistics.failed_share() * around;
    let share = if statistics.count > 0.0 { format::percent(statistics.failed_share()) } else { "–".to_owned() };
    html! {
        circle.ring cx=(x) cy=(y) r=(RADIUS) fill="none" {}
        @if red > 0.0 {
            circle.ring.bad cx=(x) cy=(y) r=(RADIUS) fill="none" stroke-dasharray=(format!("{red:.1} {around:.1}"))
                transform=(format!("rotate(-90 {x} {y})")) {}
        }
        text.share x=(x) y=(y + 4.0) text-anchor="middle" { (share.replace(' ', "")) }
    }
}

/// The beginning of a name, which may be long.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(MAX_NAME) {
        Some(_) => name.chars().take(MAX_NAME - 1).chain(['…']).collect(),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_shortened_to_characters() {
        assert_eq!(shortened("1234567890123456"), "1234567890123456");
        assert_eq!(shortened("ééééééééééééééééé"), "ééééééééééééééé…");
    }

    #[test]
    fn labels_of_edges_that_cross_stand_apart() {
        let edges = [vec![(0.0, 0.0), (108.0, 100.0)], vec![(0.0, 100.0), (108.0, 0.0)], Vec::new()];
        let places = label_places(&edges, [(0.0, 0.0); 3].into_iter());
        assert_eq!(places[0], (54.0, 33.0));
        assert!((places[1].1 - places[0].1).abs() > 27.0 && places[2] == (NODE_WIDTH - 84.0, -20.0), "{places:?}");
    }

    #[test]
    fn ring_is_red_for_the_share_of_failures() {
        let ring = |failed| ring(&Statistics::new([(None, failed, 1.0), (None, false, 3.0)]), 0.0, 0.0).into_string();
        assert!(ring(true).contains("stroke-dasharray=\"28.3 113.1\"") && ring(true).contains(">25%<"));
        assert!(!ring(false).contains("dasharray") && ring(false).contains(">0%<"));
    }
}
