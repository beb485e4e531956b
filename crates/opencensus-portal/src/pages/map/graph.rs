//! The nodes of a map and the edges between them.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::store::{Call, CallMap, Caller, Reception, Statistics};

/// The most nodes of a map. One of them stands for the rest.
const MAX_NODES: usize = 60;
/// The most edges of a map.
const MAX_EDGES: usize = 200;

/// What a node is, by numbers of names.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Identity {
    Role(usize),
    /// The pages of a role in browsers.
    Browser(usize),
    /// What a role calls: its type and its name.
    Target(usize, usize),
    /// All nodes that are not shown.
    Others,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) identity: Identity,
    /// Names the node in addresses.
    pub(super) key: String,
    /// Of a target its type, such as `SQL`.
    pub(super) kind: String,
    pub(super) name: String,
    /// Of a role its requests, of a browser its page views, of a target the calls.
    pub(super) received: Statistics,
}

/// The calls from one node to another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) calls: Statistics,
}

/// A map.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    /// The most calls first.
    pub(super) edges: Vec<Edge>,
    /// The number of nodes that one node stands for.
    pub(super) summed_up: usize,
    pub(super) hidden_edges: usize,
    /// Whether an item represents more than itself.
    pub(super) sampled: bool,
}

/// The duration, whether it failed, and the weight.
type Timing = (Option<i64>, bool, f64);

impl Graph {
    /// The map of all roles, or of `role` and what it is connected with.
    pub(super) fn new(map: &CallMap, role: &str) -> Self {
        let mut edges = HashMap::<(Identity, Identity), Vec<Timing>>::new();
        for (from, to, call) in resolved(map) {
            edges.entry((from, to)).or_default().push((call.duration, call.failed, call.weight));
        }
        let mut nodes = receptions(map);
        edges.retain(|(from, to), _| is_of(map, *from, role) || is_of(map, *to, role));
        let connected: HashSet<_> = edges.keys().flat_map(|(from, to)| [*from, *to]).collect();
        nodes.retain(|identity, _| is_of(map, *identity, role) || connected.contains(identity));
        for identity in connected {
            nodes.entry(identity).or_default();
        }
        for ((_, to), calls) in &edges {
            if matches!(to, Identity::Target(..)) {
                nodes.entry(*to).or_default().extend(calls);
            }
        }
        let sampled = nodes.values().chain(edges.values()).flatten().any(|(.., weight)| *weight != 1.0);
        let kept = kept(&nodes, &edges);
        Self { sampled, ..build(map, nodes, edges, &kept) }
    }

    /// The node with this key.
    pub(super) fn find(&self, key: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.key == key)
    }
}

/// Whether a node belongs to a role. Every node belongs to the empty name.
fn is_of(map: &CallMap, identity: Identity, role: &str) -> bool {
    match identity {
        _ if role.is_empty() => true,
        Identity::Role(name) | Identity::Browser(name) => map.names.text(name) == role,
        Identity::Target(..) | Identity::Others => false,
    }
}

/// Each call with the nodes that it connects. A call whose request was not received, because of sampling or a failure,
/// leads to the role that the caller's other calls of the same target reach, if it is one role.
fn resolved(map: &CallMap) -> impl Iterator<Item = (Identity, Identity, &Call)> {
    let mut reached = HashMap::<(Caller, usize, usize), Vec<usize>>::new();
    for call in &map.calls {
        if let Some(role) = call.reached {
            let roles = reached.entry((call.from, call.kind, call.target)).or_default();
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
    }
    map.calls.iter().map(move |call| {
        let from =
            if call.from.is_browser { Identity::Browser(call.from.role) } else { Identity::Role(call.from.role) };
        let others = reached.get(&(call.from, call.kind, call.target)).filter(|roles| roles.len() == 1);
        let role = call.reached.or_else(|| others.map(|roles| roles[0]));
        (from, role.map_or(Identity::Target(call.kind, call.target), Identity::Role), call)
    })
}

fn receptions(map: &CallMap) -> HashMap<Identity, Vec<Timing>> {
    let mut nodes = HashMap::<Identity, Vec<Timing>>::new();
    let mut add = |identity: Identity, received: &Reception| {
        nodes.entry(identity).or_default().push((received.duration, received.failed, received.weight));
    };
    for request in &map.requests {
        add(Identity::Role(request.role), request);
    }
    for view in &map.page_views {
        add(Identity::Browser(view.role), view);
    }
    nodes
}

/// The nodes that are shown: roles and browsers before targets, those with the most items first.
fn kept(
    nodes: &HashMap<Identity, Vec<Timing>>,
    edges: &HashMap<(Identity, Identity), Vec<Timing>>,
) -> HashSet<Identity> {
    let weight = |timings: &[Timing]| timings.iter().map(|(.., weight)| weight).sum::<f64>();
    let mut weights: HashMap<_, _> = nodes.iter().map(|(identity, timings)| (*identity, weight(timings))).collect();
    for ((from, _), timings) in edges {
        *weights.entry(*from).or_default() += weight(timings);
    }
    let mut all: Vec<_> = weights.into_iter().collect();
    let is_target = |identity: &Identity| matches!(identity, Identity::Target(..));
    all.sort_by(|(a, more), (b, less)| {
        is_target(a).cmp(&is_target(b)).then(less.total_cmp(more)).then_with(|| a.cmp(b))
    });
    let number = if all.len() > MAX_NODES { MAX_NODES - 1 } else { MAX_NODES };
    all.into_iter().take(number).map(|(identity, _)| identity).collect()
}

fn build(
    map: &CallMap,
    nodes: HashMap<Identity, Vec<Timing>>,
    edges: HashMap<(Identity, Identity), Vec<Timing>>,
    kept: &HashSet<Identity>,
) -> Graph {
    let shown = |identity: Identity| if kept.contains(&identity) { identity } else { Identity::Others };
    let summed_up = nodes.keys().filter(|identity| !kept.contains(identity)).count();
    let mut merged = BTreeMap::<Identity, Vec<Timing>>::new();
    for (identity, timings) in nodes {
        merged.entry(shown(identity)).or_default().extend(timings);
    }
    let places: HashMap<_, _> = merged.keys().enumerate().map(|(place, identity)| (*identity, place)).collect();
    let mut merged_edges = BTreeMap::<(usize, usize), Vec<Timing>>::new();
    for ((from, to), timings) in edges {
        merged_edges.entry((places[&shown(from)], places[&shown(to)])).or_default().extend(timings);
    }
    let edge = |((from, to), timings)| Edge { from, to, calls: Statistics::new(timings) };
    let mut edges: Vec<_> = merged_edges.into_iter().map(edge).collect();
    edges.sort_by(|a, b| b.calls.count.total_cmp(&a.calls.count));
    let hidden_edges = edges.len().saturating_sub(MAX_EDGES);
    edges.truncate(MAX_EDGES);
    let nodes = merged.into_iter().map(|(identity, timings)| node(map, identity, timings, summed_up)).collect();
    Graph { nodes, edges, summed_up, hidden_edges, sampled: false }
}

fn node(map: &CallMap, identity: Identity, timings: Vec<Timing>, summed_up: usize) -> Node {
    let named = |number: usize, absent: &str| match map.names.text(number) {
        "" => absent.to_owned(),
        name => name.to_owned(),
    };
    let (key, kind, name) = match identity {
        Identity::Role(role) => (format!("role|{}", map.names.text(role)), "service".into(), named(role, "(no role)")),
        Identity::Browser(role) => {
            (format!("browser|{}", map.names.text(role)), "browser".into(), named(role, "pages"))
        }
        Identity::Target(kind, target) => (
            format!("target|{}|{}", map.names.text(kind), map.names.text(target)),
            named(kind, "call"),
            named(target, "(no target)"),
        ),
        Identity::Others => ("others".into(), "summed up".into(), format!("{summed_up} others")),
    };
    Node { identity, key, kind, name, received: Statistics::new(timings) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call by the names of its caller, its target and the role that it reaches.
    fn call(map: &mut CallMap, from: &str, target: &str, reached: Option<&str>, failed: bool) {
        let from = Caller { role: map.names.number(from.trim_start_matches('@')), is_browser: from.starts_with('@') };
        let (kind, target) = (map.names.number("HTTP"), map.names.number(target));
        let reached = reached.map(|role| map.names.number(role));
        map.calls.push(Call { from, kind, target, reached, duration: Some(5), failed, weight: 2.0 });
    }

    fn request(map: &mut CallMap, role: &str) {
        let role = map.names.number(role);
        map.requests.push(Reception { role, duration: Some(7), failed: false, weight: 1.0 });
    }

    /// The edges as `from>to calls/failed`.
    fn edges(graph: &Graph) -> Vec<String> {
        let key = |node: usize| &graph.nodes[node].key;
        let text =
            |edge: &Edge| format!("{}>{} {}/{}", key(edge.from), key(edge.to), edge.calls.count, edge.calls.failed);
        let mut edges: Vec<_> = graph.edges.iter().map(text).collect();
        edges.sort();
        edges
    }

    #[test]
    fn role_that_is_reached_replaces_its_target() {
        let mut map = CallMap::default();
        call(&mut map, "front", "orders:80", Some("orders"), false);
        call(&mut map, "front", "orders:80", None, true);
        call(&mut map, "orders", "orders:80", None, false);
        call(&mut map, "orders", "self:80", Some("orders"), false);
        call(&mut map, "@front", "front:80", Some("front"), false);
        // A gateway, behind which are two roles.
        call(&mut map, "front", "gateway", Some("a"), false);
        call(&mut map, "front", "gateway", Some("b"), false);
        call(&mut map, "front", "gateway", None, false);
        let graph = Graph::new(&map, "");
        assert_eq!(
            edges(&graph),
            [
                "browser|front>role|front 2/0",
                "role|front>role|a 2/0",
                "role|front>role|b 2/0",
                "role|front>role|orders 4/2",
                "role|front>target|HTTP|gateway 2/0",
                "role|orders>role|orders 2/0",
                "role|orders>target|HTTP|orders:80 2/0",
            ]
        );
        assert!(graph.sampled && graph.summed_up == 0);
    }

    #[test]
    fn map_of_one_role_has_what_it_is_connected_with() {
        let mut map = CallMap::default();
        call(&mut map, "a", "b:80", Some("b"), false);
        call(&mut map, "b", "c:80", Some("c"), false);
        call(&mut map, "c", "db", None, false);
        request(&mut map, "lonely");
        assert_eq!(edges(&Graph::new(&map, "b")), ["role|a>role|b 2/0", "role|b>role|c 2/0"]);
        let lonely = Graph::new(&map, "lonely");
        assert_eq!((lonely.nodes.len(), lonely.edges.len(), lonely.sampled), (1, 0, false));
        assert_eq!(lonely.find("role|lonely"), Some(0));
        assert_eq!(Graph::new(&map, "").nodes.len(), 5);
    }

    #[test]
    fn nodes_beyond_60_are_summed_up() {
        let mut map = CallMap::default();
        for number in 0..100 {
            call(&mut map, "front", &format!("host {number}"), None, number % 2 == 0);
            call(&mut map, "front", "often", None, false);
        }
        let graph = Graph::new(&map, "");
        assert_eq!((graph.nodes.len(), graph.summed_up), (60, 43));
        let others = &graph.nodes[graph.find("others").unwrap()];
        assert_eq!((others.name.as_str(), others.received.count), ("43 others", 86.0));
        assert!(graph.find("role|front").is_some() && graph.find("target|HTTP|often").is_some());
        let calls: f64 = graph.edges.iter().map(|edge| edge.calls.count).sum();
        assert_eq!(calls, 400.0);
    }

    #[test]
    fn edges_are_limited_to_those_with_the_most_calls() {
        let mut map = CallMap::default();
        for from in 0..20 {
            for to in 0..20 {
                call(&mut map, &format!("r{from}"), &format!("r{to}:80"), Some(&format!("r{to}")), false);
            }
        }
        call(&mut map, "r0", "r1:80", Some("r1"), false);
        let graph = Graph::new(&map, "");
        assert_eq!((graph.nodes.len(), graph.edges.len(), graph.hidden_edges), (20, 200, 200));
        assert_eq!(graph.edges[0].calls.count, 4.0);
    }
}
