//! Which item of a transaction is below which.

use std::collections::{BTreeMap, HashMap};

use crate::store::{ItemKind, Outline};

/// The id by which others name an item as their parent: requests, calls and page views have one.
pub(crate) fn span_id(kind: ItemKind, id: Option<&str>) -> Option<&str> {
    id.filter(|id| is_span(kind) && !id.is_empty())
}

pub(crate) fn is_span(kind: ItemKind) -> bool {
    matches!(kind, ItemKind::Request | ItemKind::Dependency | ItemKind::PageView)
}

/// The id of a parent. The trace id is none: older SDKs write it into the items of a root.
pub(crate) fn parent_id<'a>(parent: Option<&'a str>, operation_id: &str) -> Option<&'a str> {
    parent.filter(|parent| !parent.is_empty() && *parent != operation_id)
}

/// The forest of a transaction's items. A node is an item, by its index in the list, or a parent that was not received:
/// the indexes from the length of the list on. Each node has one place, also where parents form a loop.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    items: usize,
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    missing: Vec<String>,
    tops: Vec<usize>,
    doubles: Vec<bool>,
    loops: Vec<usize>,
}

impl Tree {
    /// Builds the tree of items that are ordered by time.
    pub(crate) fn new(operation_id: &str, items: &[Outline]) -> Self {
        let mut spans: HashMap<&str, usize> = HashMap::new();
        let mut doubles = vec![false; items.len()];
        for (at, item) in items.iter().enumerate() {
            if let Some(id) = span_id(item.kind, item.item_id.as_deref()) {
                doubles[at] = *spans.entry(id).or_insert(at) != at;
            }
        }
        let mut missing = Vec::new();
        let mut missing_ids: HashMap<&str, usize> = HashMap::new();
        let mut parents = Vec::with_capacity(items.len());
        for item in items {
            let id = parent_id(item.parent_id.as_deref(), operation_id);
            let received = id.and_then(|id| spans.get(id)).copied();
            parents.push(received.or_else(|| {
                let id = id.filter(|_| !item.is_parent_unsampled)?;
                Some(*missing_ids.entry(id).or_insert_with(|| {
                    missing.push(id.to_owned());
                    items.len() + missing.len() - 1
                }))
            }));
        }
        parents.resize(items.len() + missing.len(), None);
        let mut tree = Self { items: items.len(), parents, missing, doubles, ..Self::default() };
        tree.loops = tree.cut_loops();
        tree.children = tree.children_of_parents();
        tree.tops = tree.ordered_tops();
        tree
    }

    /// Removes the parent of one node of each loop, and returns these nodes.
    fn cut_loops(&mut self) -> Vec<usize> {
        // For each node the walk that reached it first.
        let mut walks = vec![usize::MAX; self.parents.len()];
        let mut cut = Vec::new();
        for start in 0..self.items {
            let mut at = start;
            while walks[at] == usize::MAX {
                walks[at] = start;
                let Some(parent) = self.parents[at] else { break };
                at = parent;
            }
            if walks[at] == start && self.parents[at].is_some() {
                self.parents[at] = None;
                cut.push(at);
            }
        }
        cut
    }

    fn children_of_parents(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.parents.len()];
        for (at, parent) in self.parents.iter().enumerate() {
            if let Some(parent) = parent {
                children[*parent].push(at);
            }
        }
        children
    }

    /// The nodes without a parent, ordered by their first item.
    fn ordered_tops(&self) -> Vec<usize> {
        let mut tops = BTreeMap::new();
        for (at, _) in self.parents.iter().enumerate().filter(|(_, parent)| parent.is_none()) {
            tops.insert((if at < self.items { at } else { self.children[at].first().copied().unwrap_or(at) }, at), at);
        }
        tops.into_values().collect()
    }

    /// The nodes without a parent.
    pub(crate) fn tops(&self) -> &[usize] {
        &self.tops
    }

    /// The nodes right below a node, ordered by time.
    pub(crate) fn children(&self, node: usize) -> &[usize] {
        self.children.get(node).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn parent(&self, node: usize) -> Option<usize> {
        self.parents.get(node).copied().flatten()
    }

    /// All nodes, those that were not received last.
    pub(crate) fn nodes(&self) -> std::ops::Range<usize> {
        0..self.parents.len()
    }

    /// The span id of a parent that was not received.
    pub(crate) fn missing(&self, node: usize) -> Option<&str> {
        self.missing.get(node.checked_sub(self.items)?).map(String::as_str)
    }

    /// The number of parents that were not received.
    pub(crate) fn missing_parents(&self) -> usize {
        self.missing.len()
    }

    /// Whether an earlier item has the same span id.
    pub(crate) fn is_double(&self, node: usize) -> bool {
        self.doubles.get(node).copied().unwrap_or(false)
    }

    /// Whether the node is below itself by its parent, which is ignored.
    pub(crate) fn is_loop(&self, node: usize) -> bool {
        self.loops.contains(&node)
    }

    /// The nodes from `from` on, each with its level, parents before their children. What is below a node is left out
    /// unless `enter` returns true for it.
    pub(crate) fn walk(&self, from: &[usize], mut enter: impl FnMut(usize) -> bool) -> Vec<(usize, usize)> {
        let mut order = Vec::new();
        let mut open: Vec<_> = from.iter().rev().map(|node| (*node, 0)).collect();
        while let Some((node, depth)) = open.pop() {
            order.push((node, depth));
            if enter(node) {
                open.extend(self.children(node).iter().rev().map(|child| (*child, depth + 1)));
            }
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: &str) -> Outline {
        Outline { item_id: Some(id.into()), parent_id: Some(parent.into()), ..Outline::default() }
    }

    fn log(parent: &str) -> Outline {
        Outline { kind: ItemKind::Trace, ..span("x", parent) }
    }

    fn order(items: &[Outline]) -> Vec<(usize, usize)> {
        let tree = Tree::new("trace", items);
        tree.walk(tree.tops(), |_| true)
    }

    #[test]
    fn children_follow_their_parents() {
        let items = [log("b"), span("a", ""), span("b", "a"), span("c", "trace"), log("a"), log("x")];
        let tree = Tree::new("trace", &items);
        assert_eq!(tree.walk(tree.tops(), |_| true), [(1, 0), (2, 1), (0, 2), (4, 1), (3, 0), (6, 0), (5, 1)]);
        // A log record is no parent, also if its id fits.
        assert_eq!((tree.missing(6), tree.missing(5), tree.missing_parents()), (Some("x"), None, 1));
        assert_eq!(tree.walk(&[1], |node| node != 2), [(1, 0), (2, 1), (4, 1)]);
    }

    #[test]
    fn parents_that_were_not_received_are_nodes_of_their_own_unless_they_were_not_sampled() {
        let unsampled = Outline { is_parent_unsampled: true, ..span("c", "gone") };
        let items = [span("a", "gone"), span("b", "other"), unsampled, log("gone")];
        assert_eq!(order(&items), [(4, 0), (0, 1), (3, 1), (5, 0), (1, 1), (2, 0)]);
    }

    #[test]
    fn second_item_with_an_id_is_a_double_and_children_stay_with_the_first() {
        let items = [span("a", ""), span("a", ""), log("a")];
        let tree = Tree::new("trace", &items);
        assert_eq!([0, 1, 2].map(|at| tree.is_double(at)), [false, true, false]);
        assert_eq!(tree.children(0), [2]);
    }

    #[test]
    fn loops_of_parents_end_and_every_item_has_one_place() {
        for items in [
            vec![span("a", "a")],
            vec![span("a", "b"), span("b", "a"), log("b")],
            // What is below a loop does not belong to it.
            vec![log("b"), span("a", "c"), span("b", "a"), span("c", "b"), span("d", "")],
            vec![span("a", "a"), span("a", "a")],
        ] {
            let tree = Tree::new("trace", &items);
            let mut nodes: Vec<_> = order(&items).into_iter().map(|(node, _)| node).collect();
            assert!(tree.is_loop(tree.tops()[0]), "{tree:?}");
            assert!(items[tree.tops()[0]].kind == ItemKind::Request);
            nodes.sort_unstable();
            assert_eq!(nodes, (0..items.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn ten_thousand_levels_are_walked() {
        let items: Vec<_> = (0..10_000).map(|at| span(&at.to_string(), &(at - 1).to_string())).collect();
        assert_eq!(order(&items).last(), Some(&(9_999, 10_000)));
    }
}
