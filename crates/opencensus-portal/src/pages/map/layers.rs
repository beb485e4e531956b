//! Assigns each node of a graph to a layer, so that most edges lead to a later layer.

/// The most nodes of a layer, if there are nodes in it that nothing follows.
const MAX_LAYER: usize = 12;

/// The layer of each node: the longest path to it from a node that nothing leads to. Edges that close a circle, and
/// those of a node to itself, are left out. Nodes that nothing follows move on if a layer has too many.
pub(super) fn layers(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut search = Search { targets: vec![Vec::new(); nodes], states: vec![State::New; nodes], finished: Vec::new() };
    let mut is_target = vec![false; nodes];
    for (from, to) in edges.iter().filter(|(from, to)| from != to) {
        search.targets[*from].push(*to);
        is_target[*to] = true;
    }
    // Circles that nothing leads to come last, and begin with their first node.
    let (starts, others): (Vec<_>, Vec<_>) = (0..nodes).partition(|node| !is_target[*node]);
    let mut forward = Vec::new();
    for node in starts.into_iter().chain(others) {
        search.visit(node, &mut forward);
    }
    let mut layers = vec![0; nodes];
    for from in search.finished.into_iter().rev() {
        for (_, to) in forward.iter().filter(|(start, _)| *start == from) {
            layers[*to] = layers[*to].max(layers[from] + 1);
        }
    }
    spread(&mut layers, &forward);
    layers
}

fn spread(layers: &mut [usize], forward: &[(usize, usize)]) {
    let mut is_last = vec![true; layers.len()];
    for (from, _) in forward {
        is_last[*from] = false;
    }
    let mut layer = 0;
    while layers.iter().any(|other| *other >= layer) {
        let nodes: Vec<_> = (0..layers.len()).filter(|node| layers[*node] == layer).collect();
        let surplus = nodes.len().saturating_sub(MAX_LAYER);
        for node in nodes.into_iter().rev().filter(|node| is_last[*node]).take(surplus) {
            layers[node] += 1;
        }
        layer += 1;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// On the path from the start.
    Open,
    Finished,
}

/// A search in depth. In the reverse of the order in which nodes are finished, forward edges lead to later nodes.
struct Search {
    targets: Vec<Vec<usize>>,
    states: Vec<State>,
    finished: Vec<usize>,
}

impl Search {
    /// Visits a node, and adds the edges that close no circle. Maps are small, so that the recursion is not deep.
    fn visit(&mut self, node: usize, forward: &mut Vec<(usize, usize)>) {
        if self.states[node] != State::New {
            return;
        }
        self.states[node] = State::Open;
        for target in self.targets[node].clone() {
            if self.states[target] != State::Open {
                forward.push((node, target));
                self.visit(target, forward);
            }
        }
        self.states[node] = State::Finished;
        self.finished.push(node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layer_is_the_longest_path() {
        assert_eq!(layers(1, &[]), [0]);
        assert_eq!(layers(4, &[(0, 1), (1, 2), (0, 2), (3, 2)]), [0, 1, 2, 0]);
        assert_eq!(layers(4, &[(3, 2), (2, 1), (1, 0), (3, 0)]), [3, 2, 1, 0]);
    }

    #[test]
    fn nodes_that_nothing_follows_fill_the_next_layers() {
        let star: Vec<_> = (1..31).map(|to| (0, to)).chain([(30, 31)]).collect();
        let layers = layers(32, &star);
        let number = |layer| layers.iter().filter(|other| **other == layer).count();
        assert_eq!([0, 1, 2, 3].map(number), [1, 12, 12, 7]);
        assert_eq!((layers[30], layers[31]), (1, 3));
    }

    #[test]
    fn circles_are_broken() {
        assert_eq!(layers(1, &[(0, 0)]), [0]);
        assert_eq!(layers(2, &[(0, 1), (1, 0)]), [0, 1]);
        // The circle of 1 and 2 is entered from 0.
        assert_eq!(layers(4, &[(2, 1), (1, 2), (0, 1), (2, 3)]), [0, 1, 2, 3]);
        let complete: Vec<_> = (0..60).flat_map(|from| (0..60).map(move |to| (from, to))).collect();
        let mut all = layers(60, &complete);
        all.sort_unstable();
        assert_eq!(all, (0..60).collect::<Vec<_>>());
    }
}
