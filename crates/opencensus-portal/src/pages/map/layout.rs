//! Computes where the nodes and the edges of a map are drawn.

use std::collections::BTreeMap;

use crate::pages::map::layers::layers;
use crate::pages::map::order::order;

pub(super) const NODE_WIDTH: f64 = 184.0;
pub(super) const NODE_HEIGHT: f64 = 64.0;
/// The space between layers, which has the labels of the edges.
const GAP_X: f64 = 108.0;
/// The space above and below a node, which has the loops of nodes that call themselves.
const NODE_SPACE: f64 = 19.0;
/// The height of an edge that passes a layer, with the space above and below it.
const PASS_HEIGHT: f64 = 22.0;
const MARGIN: f64 = 16.0;
const TOP: f64 = 24.0;

/// A point in pixels, from the left and from the top.
pub(super) type Point = (f64, f64);

/// The places of nodes and edges, in pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The left upper corner of each node.
    pub(super) nodes: Vec<Point>,
    /// The points of each edge, from its start to its end. Empty for an edge from a node to itself.
    pub(super) edges: Vec<Vec<Point>>,
}

/// Lays out nodes in layers from left to right. An edge that passes layers has a place in each of them.
pub(super) fn layout(nodes: usize, edges: &[(usize, usize)]) -> Layout {
    let layer_of = layers(nodes, edges);
    let mut rows = vec![Vec::new(); layer_of.iter().max().map_or(0, |last| last + 1)];
    for (node, layer) in layer_of.iter().enumerate() {
        rows[*layer].push(node);
    }
    let (mut chains, mut links, mut vertices) = (Vec::new(), Vec::new(), nodes);
    for (from, to) in edges {
        let (first, last) = if layer_of[*from] < layer_of[*to] { (*from, *to) } else { (*to, *from) };
        let mut chain = vec![first];
        for row in rows.iter_mut().take(layer_of[last]).skip(layer_of[first] + 1) {
            row.push(vertices);
            chain.push(vertices);
            vertices += 1;
        }
        chain.push(last);
        links.extend(chain.windows(2).filter(|pair| pair[0] != pair[1]).map(|pair| (pair[0], pair[1])));
        if first != *from {
            chain.reverse();
        }
        chains.push(chain);
    }
    let rows = order(rows, &links);
    let (corners, width, height) = place(&rows, nodes, vertices);
    let ports = ports(&chains, &corners);
    let edges = chains.iter().zip(ports).map(|(chain, ports)| points(chain, &corners, ports)).collect();
    Layout { width, height, nodes: corners[..nodes].to_vec(), edges }
}

/// The left upper corner of each vertex, and the size of the whole. Each layer is in the middle of the height.
fn place(rows: &[Vec<usize>], nodes: usize, vertices: usize) -> (Vec<Point>, f64, f64) {
    let height = |vertex: usize| if vertex < nodes { NODE_HEIGHT + 2.0 * NODE_SPACE } else { PASS_HEIGHT };
    let total = |row: &Vec<usize>| row.iter().map(|vertex| height(*vertex)).sum::<f64>();
    let tallest = rows.iter().map(total).fold(0.0, f64::max);
    let mut corners = vec![(0.0, 0.0); vertices];
    for (layer, row) in rows.iter().enumerate() {
        let mut y = TOP + (tallest - total(row)) / 2.0;
        for vertex in row {
            let space = if *vertex < nodes { NODE_SPACE } else { PASS_HEIGHT / 2.0 };
            corners[*vertex] = (MARGIN + layer as f64 * (NODE_WIDTH + GAP_X), y + space);
            y += height(*vertex);
        }
    }
    let width = 2.0 * MARGIN + rows.len() as f64 * (NODE_WIDTH + GAP_X) - GAP_X;
    (corners, width.max(2.0 * MARGIN), TOP + tallest + MARGIN)
}

/// Where each edge touches its first and its last node, from their upper ends. The edges of a side have the same
/// distance from each other, in the order of what they lead to.
fn ports(chains: &[Vec<usize>], corners: &[Point]) -> Vec<(f64, f64)> {
    let mut sides = BTreeMap::<(usize, bool), Vec<(f64, usize, bool)>>::new();
    for (edge, chain) in chains.iter().enumerate() {
        let ([first, second, ..], [.., before, last]) = (&chain[..], &chain[..]) else { continue };
        for (node, next, is_start) in [(first, second, true), (last, before, false)] {
            let is_right = corners[*next].0 > corners[*node].0;
            sides.entry((*node, is_right)).or_default().push((corners[*next].1, edge, is_start));
        }
    }
    let mut ports = vec![(0.0, 0.0); chains.len()];
    for mut side in sides.into_values() {
        side.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let distance = NODE_HEIGHT / (side.len() + 1) as f64;
        for (place, (_, edge, is_start)) in side.into_iter().enumerate() {
            let port = if is_start { &mut ports[edge].0 } else { &mut ports[edge].1 };
            *port = distance * (place + 1) as f64;
        }
    }
    ports
}

/// The points of an edge. It leaves a node at one side and arrives at the other, and crosses the layers between.
fn points(chain: &[usize], corners: &[Point], ports: (f64, f64)) -> Vec<Point> {
    let ([first, .., last], true) = (chain, chain.first() != chain.last()) else { return Vec::new() };
    let forward = corners[*first].0 < corners[*last].0;
    let mut points = Vec::new();
    for vertex in chain {
        let (x, y) = corners[*vertex];
        let (arrival, departure) = if forward { (x, x + NODE_WIDTH) } else { (x + NODE_WIDTH, x) };
        if vertex != first {
            points.push((arrival, if vertex == last { y + ports.1 } else { y }));
        }
        if vertex != last {
            points.push((departure, if vertex == first { y + ports.0 } else { y }));
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_node_and_one_node_have_a_layout() {
        assert_eq!(layout(0, &[]).nodes, []);
        let one = layout(1, &[(0, 0)]);
        assert_eq!((one.nodes.len(), one.edges), (1, vec![Vec::new()]));
        assert!(one.width >= NODE_WIDTH && one.height >= NODE_HEIGHT);
    }

    #[test]
    fn edges_lead_from_left_to_right_and_those_of_a_circle_back_beside_them() {
        let layout = layout(2, &[(0, 1), (1, 0)]);
        let (first, second) = (layout.nodes[0], layout.nodes[1]);
        assert!(first.0 + NODE_WIDTH < second.0 && first.1 == second.1);
        let (right, third) = (first.0 + NODE_WIDTH, NODE_HEIGHT / 3.0);
        let (upper, lower) = (first.1 + third, first.1 + 2.0 * third);
        assert_eq!(layout.edges[0], [(right, upper), (second.0, upper)]);
        assert_eq!(layout.edges[1], [(second.0, lower), (right, lower)]);
    }

    #[test]
    fn edges_of_a_side_touch_it_apart_in_the_order_of_their_ends() {
        let layout = layout(4, &[(0, 3), (0, 1), (0, 2)]);
        let mut ends: Vec<_> = layout.edges.iter().map(|edge| (edge[1].1, edge[0].1)).collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(ends.windows(2).all(|pair| pair[1].1 - pair[0].1 >= NODE_HEIGHT / 4.0), "{ends:?}");
    }

    #[test]
    fn edge_that_passes_a_layer_does_not_cross_its_nodes() {
        let layout = layout(3, &[(0, 1), (1, 2), (0, 2)]);
        let [start, arrival, departure, end] = layout.edges[2][..] else { panic!("{:?}", layout.edges[2]) };
        let (x, y) = layout.nodes[1];
        assert_eq!((arrival.0, departure.0, arrival.1), (x, x + NODE_WIDTH, departure.1));
        assert!(arrival.1 < y || arrival.1 > y + NODE_HEIGHT);
        assert!(start.0 < arrival.0 && departure.0 < end.0);
    }

    #[test]
    fn nodes_of_any_graph_lie_apart_and_within_the_size() {
        let stars: Vec<_> = (1..60).map(|to| (0, to)).collect();
        let all: Vec<_> =
            (0..60).flat_map(|from| (0..4).map(move |step| (from, (from * 7 + step * 13) % 60))).collect();
        for edges in [vec![], stars, all] {
            let layout = layout(60, &edges);
            for (at, (x, y)) in layout.nodes.iter().enumerate() {
                assert!(x + NODE_WIDTH <= layout.width && y + NODE_HEIGHT <= layout.height && *x >= 0.0 && *y >= 0.0);
                for (other_x, other_y) in &layout.nodes[at + 1..] {
                    let apart = (x - other_x).abs() >= NODE_WIDTH || (y - other_y).abs() >= NODE_HEIGHT;
                    assert!(apart, "{x} {y} {other_x} {other_y}");
                }
            }
        }
    }
}
