//! Selects the rows of a waterfall: what is collapsed, filtered or outside the window has none.

use crate::pages::transaction::address::Address;
use crate::pages::transaction::timeline::{self, Interval};
use crate::store::Outline;
use crate::tree::{Tree, is_span};

/// The most rows of a page.
pub(super) const MAX_ROWS: usize = 500;

/// A transaction: its items, ordered by time, and their tree.
pub(super) struct Trace {
    pub(super) items: Vec<Outline>,
    pub(super) tree: Tree,
}

impl Trace {
    pub(super) fn new(operation_id: &str, items: Vec<Outline>) -> Self {
        Self { tree: Tree::new(operation_id, &items), items }
    }

    /// The item of a node. `None`: a parent that was not received.
    pub(super) fn item(&self, node: usize) -> Option<&Outline> {
        self.items.get(node)
    }

    /// The key of a node in the address.
    pub(super) fn key(&self, node: usize) -> i64 {
        let below = || self.tree.children(node).iter().filter_map(|child| self.item(*child)).map(|item| item.id).min();
        self.item(node).map_or_else(|| -below().unwrap_or_default(), |item| item.id)
    }

    pub(super) fn node(&self, key: i64) -> Option<usize> {
        self.tree.nodes().find(|node| self.key(*node) == key)
    }

    /// The time of a node. A parent that was not received ran at least as long as its children.
    pub(super) fn interval(&self, node: usize) -> Interval {
        let of = |item: &Outline| Interval::new(item.time, item.end());
        let below = || Interval::hull(self.tree.children(node).iter().filter_map(|child| self.item(*child)).map(of));
        self.item(node).map(of).or_else(below).unwrap_or(Interval::new(0, 0))
    }

    /// The time from the first start to the last end of the spans below some nodes; of all items if there are no spans. A log
    /// record that came much later does not shrink the bars.
    pub(super) fn extent(&self, from: &[usize]) -> Interval {
        let nodes: Vec<_> = self.tree.walk(from, |_| true).into_iter().map(|(node, _)| node).collect();
        let spans = nodes.iter().filter(|node| self.item(**node).is_some_and(|item| is_span(item.kind)));
        let hull = Interval::hull(spans.map(|node| self.interval(*node)));
        let all = || Interval::hull(nodes.iter().map(|node| self.interval(*node)));
        hull.or_else(all).unwrap_or(Interval::new(0, 0))
    }

    /// The spans right below a node.
    pub(super) fn child_spans(&self, node: usize) -> impl Iterator<Item = &Outline> {
        let children = self.tree.children(node).iter().filter_map(|child| self.item(*child));
        children.filter(|item| is_span(item.kind))
    }

    /// The log records, exceptions and other items of a span.
    pub(super) fn attached(&self, node: usize) -> impl Iterator<Item = &Outline> {
        let children = self.tree.children(node).iter().filter_map(|child| self.item(*child));
        children.filter(|item| !is_span(item.kind))
    }

    /// The parts of a span in which no child ran.
    pub(super) fn gaps(&self, node: usize) -> Vec<Interval> {
        let children = self.child_spans(node).map(|item| Interval::new(item.time, item.end()));
        timeline::gaps(self.interval(node), children)
    }

    /// How much a span begins before its parent, which shows that clocks differ.
    pub(super) fn lead(&self, node: usize) -> Option<i64> {
        let item = self.item(node).filter(|item| is_span(item.kind))?;
        let parent = self.tree.parent(node).filter(|parent| self.item(*parent).is_some())?;
        timeline::lead(self.interval(parent), Interval::new(item.time, item.end()))
    }

    pub(super) fn is_failed(&self, node: usize) -> bool {
        self.item(node).is_some_and(Outline::is_failed)
    }
}

/// A row of the waterfall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) node: usize,
    pub(super) key: i64,
    pub(super) level: usize,
    /// Whether its children have rows: `None` without children.
    pub(super) is_open: Option<bool>,
    /// Whether it is there only because a row below it was found.
    pub(super) is_context: bool,
}

/// All rows of the state that an address names.
pub(super) fn rows(trace: &Trace, address: &Address) -> Vec<Row> {
    let root = address.root.and_then(|key| trace.node(key));
    let from = root.as_ref().map_or_else(|| trace.tree.tops(), std::slice::from_ref);
    let found = Found::new(trace, address);
    let collapsed: Vec<_> = address.collapsed.iter().filter_map(|key| trace.node(*key)).collect();
    let from: Vec<_> = from.iter().copied().filter(|node| found.is_shown(*node)).collect();
    let is_open = |node: usize| !collapsed.contains(&node);
    let nodes = trace.tree.walk(&from, is_open).into_iter().filter(|(node, _)| found.is_shown(*node));
    let row = |(node, level)| {
        let has_children = trace.tree.children(node).iter().any(|child| found.is_shown(*child));
        let is_open = has_children.then(|| is_open(node));
        Row { node, key: trace.key(node), level, is_open, is_context: !found.is_found(node) }
    };
    nodes.map(row).collect()
}

/// The nodes that an address selects, and those above them.
struct Found {
    found: Vec<bool>,
    shown: Vec<bool>,
}

impl Found {
    fn new(trace: &Trace, address: &Address) -> Self {
        let is_filtered = address.failed_only || !address.find.is_empty();
        let is_found = |node: usize| {
            trace.item(node).map_or(!is_filtered, |item| {
                (!address.spans_only || is_span(item.kind))
                    && (!address.failed_only || item.is_failed())
                    && (address.find.is_empty() || item.is_found)
            })
        };
        let found: Vec<_> = trace.tree.nodes().map(is_found).collect();
        let mut shown = vec![false; found.len()];
        for node in trace.tree.nodes().filter(|node| found[*node]) {
            let mut above = Some(node);
            while let Some(node) = above.filter(|node| !shown[*node]) {
                shown[node] = true;
                above = trace.tree.parent(node);
            }
        }
        Self { found, shown }
    }

    fn is_found(&self, node: usize) -> bool {
        self.found.get(node).copied().unwrap_or(false)
    }

    fn is_shown(&self, node: usize) -> bool {
        self.shown.get(node).copied().unwrap_or(false)
    }
}

/// The number of the first row of the window: the one that the address names, or else the one with the selected row.
pub(super) fn window(rows: &[Row], at: Option<usize>, selected: Option<i64>) -> usize {
    let selected = || rows.iter().position(|row| Some(row.key) == selected).unwrap_or(0) / MAX_ROWS * MAX_ROWS;
    at.unwrap_or_else(selected).min(rows.len().saturating_sub(1))
}

/// The keys of the nearest failed rows before and after the selected one.
pub(super) fn failures(trace: &Trace, rows: &[Row], selected: Option<i64>) -> (Option<i64>, Option<i64>) {
    let here = rows.iter().position(|row| Some(row.key) == selected);
    let failed = |row: &&Row| trace.is_failed(row.node);
    let before = rows[..here.unwrap_or(0)].iter().rev().find(failed);
    let after = rows[here.map_or(0, |here| here + 1)..].iter().find(failed);
    (before.map(|row| row.key), after.map(|row| row.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ItemKind;

    fn span(id: i64, parent: i64) -> Outline {
        let text = |id: i64| (id > 0).then(|| id.to_string());
        let (item_id, parent_id) = (text(id), text(parent));
        Outline { id, time: id * 10, duration: Some(100), item_id, parent_id, is_found: true, ..Outline::default() }
    }

    fn log(id: i64, parent: i64) -> Outline {
        Outline { kind: ItemKind::Trace, duration: None, ..span(id, parent) }
    }

    /// 1 { 2 { 3 (log) }, 4 (failed) { 5 (exception) } }, 99 is missing { 6 }.
    fn trace() -> Trace {
        let failed = Outline { success: Some(false), ..span(4, 1) };
        let exception = Outline { kind: ItemKind::Exception, is_found: false, ..log(5, 4) };
        Trace::new("t", vec![span(1, 0), span(2, 1), log(3, 2), failed, exception, span(6, 99)])
    }

    fn keys(address: &Address) -> Vec<i64> {
        rows(&trace(), address).iter().map(|row| row.key).collect()
    }

    #[test]
    fn rows_are_hidden_by_kind_collapse_and_root() {
        assert_eq!(keys(&Address::default()), [1, 2, 3, 4, 5, -6, 6]);
        assert_eq!(keys(&Address { spans_only: true, ..Address::default() }), [1, 2, 4, -6, 6]);
        assert_eq!(keys(&Address { collapsed: [4, -6, 77].into(), ..Address::default() }), [1, 2, 3, 4, -6]);
        assert_eq!(keys(&Address { root: Some(4), ..Address::default() }), [4, 5]);
        assert_eq!(keys(&Address { root: Some(-6), ..Address::default() }), [-6, 6]);
        assert_eq!(keys(&Address { root: Some(77), ..Address::default() }).len(), 7);
        let rows = rows(&trace(), &Address { collapsed: [4].into(), spans_only: true, ..Address::default() });
        // Without rows for exceptions, the failed call has no children.
        let open: Vec<_> = rows.iter().map(|row| row.is_open).collect();
        assert_eq!(open, [Some(true), None, None, Some(true), None]);
    }

    #[test]
    fn failures_and_found_rows_are_shown_below_their_parents() {
        let address = Address { failed_only: true, ..Address::default() };
        assert_eq!(keys(&address), [1, 4, 5]);
        assert_eq!(rows(&trace(), &address).iter().map(|row| row.is_context).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(keys(&Address { find: "x".into(), ..address }), [1, 4]);
        assert_eq!(keys(&Address { find: "x".into(), spans_only: true, ..Address::default() }), [1, 2, 4, -6, 6]);
    }

    #[test]
    fn failed_rows_before_and_after_the_selected_one_are_found() {
        let trace = trace();
        let rows = rows(&trace, &Address::default());
        let around = |selected| failures(&trace, &rows, selected);
        assert_eq!(around(Some(1)), (None, Some(4)));
        assert_eq!(around(Some(4)), (None, Some(5)));
        assert_eq!(around(Some(-6)), (Some(5), None));
        assert_eq!(around(None), (None, Some(4)));
    }

    #[test]
    fn window_is_named_by_the_address_or_holds_the_selected_row() {
        let trace = Trace::new("t", (1..=1200).map(|id| span(id, id - 1)).collect());
        let rows = rows(&trace, &Address::default());
        assert_eq!(window(&rows, None, None), 0);
        assert_eq!(window(&rows, None, Some(600)), 500);
        assert_eq!(window(&rows, Some(1000), Some(1)), 1000);
        assert_eq!(window(&rows, Some(9999), None), 1199);
        assert_eq!(window(&[], Some(3), None), 0);
    }

    #[test]
    fn times_of_a_node_its_gaps_and_its_lead_are_computed() {
        let early = Outline { time: -10_000, ..span(3, 1) };
        let trace = Trace::new("t", vec![early, span(1, 0), Outline { duration: Some(40), ..span(2, 1) }, span(4, 9)]);
        assert_eq!(trace.interval(1), Interval::new(10, 110));
        assert_eq!(trace.gaps(1), [Interval::new(10, 20), Interval::new(60, 110)]);
        assert_eq!((trace.lead(0), trace.lead(2), trace.lead(1)), (Some(10_010), None, None));
        assert_eq!(trace.extent(trace.tree.tops()), Interval::new(-10_000, 140));
        assert_eq!(trace.interval(4), Interval::new(40, 140));
    }

    #[test]
    fn axis_is_that_of_the_spans_unless_there_are_none() {
        let trace = Trace::new("t", vec![span(1, 0), log(900, 1), log(950, 1)]);
        assert_eq!(trace.extent(&[0]), Interval::new(10, 110));
        assert_eq!(trace.extent(&[1, 2]), Interval::new(9000, 9500));
    }
}
