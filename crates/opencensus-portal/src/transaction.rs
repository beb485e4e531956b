//! All items of one operation, as trees.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use serde::Serialize;

use crate::store::Item;
use crate::tree;

/// A transaction: all items of one operation, over all roles. Requests and calls are its nodes; log records, exceptions and
/// others hang on them.
///
/// `Display` prints it as a tree, with what is wrong at its end.
///
/// # Examples
///
/// ```no_run
/// # async fn check(portal: &opencensus_portal::Portal, operation_id: &str) -> Result<(), opencensus_portal::PortalError> {
/// let transaction = portal.transaction(operation_id).await?;
/// assert!(transaction.is_whole(), "{transaction}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Transaction {
    /// The trace id.
    pub operation_id: String,
    /// The items in the order of their times.
    pub items: Vec<Item>,
}

/// The most items of a transaction.
pub(crate) const MAX_ITEMS: usize = 10_000;

impl Transaction {
    pub(crate) fn new(operation_id: String, mut items: Vec<Item>) -> Self {
        items.sort_by_key(|item| (item.time, item.id));
        Self { operation_id, items }
    }

    /// Groups items by their operation. Items without one are left out.
    #[must_use]
    pub fn group(items: Vec<Item>) -> Vec<Self> {
        let mut operations: BTreeMap<String, Vec<Item>> = BTreeMap::new();
        for item in items {
            if let Some(operation) = item.operation_id.clone() {
                operations.entry(operation).or_default().push(item);
            }
        }
        operations.into_iter().map(|(operation_id, items)| Self::new(operation_id, items)).collect()
    }

    /// The items without a parent. The trace id is no parent: older SDKs write it into the items of a root. Nor is a span
    /// that was not sampled, and did not arrive: a request with the property `parent` = `not_sampled` was kept because it
    /// failed or was slow, in a trace that was not kept.
    pub fn roots(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| self.parent(item).is_none())
    }

    /// The items whose parent was not received.
    pub fn orphans(&self) -> impl Iterator<Item = &Item> {
        let nodes: HashSet<_> = self.items.iter().filter_map(node).collect();
        self.items.iter().filter(move |item| self.parent(item).is_some_and(|parent| !nodes.contains(parent)))
    }

    /// The requests and calls whose id another one has, too, which came before.
    pub fn doubles(&self) -> impl Iterator<Item = &Item> {
        let mut nodes = HashSet::new();
        self.items.iter().filter(move |item| node(item).is_some_and(|id| !nodes.insert(id)))
    }

    /// The items right below a request or call, in the order of their times.
    pub fn children<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Item> {
        self.items.iter().filter(move |item| self.parent(item) == Some(id))
    }

    /// Whether it is one tree: one root, which is a request or call, every parent received, and no id twice.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.roots().count() == 1
            && self.roots().all(|root| node(root).is_some())
            && self.orphans().next().is_none()
            && self.doubles().next().is_none()
    }

    fn parent<'a>(&self, item: &'a Item) -> Option<&'a str> {
        let parent = tree::parent_id(item.parent_id.as_deref(), &self.operation_id)?;
        let is_unsampled = item.properties.get("parent").is_some_and(|state| state == "not_sampled");
        if is_unsampled && !self.items.iter().any(|other| node(other) == Some(parent)) { None } else { Some(parent) }
    }

    /// Prints an item and what is below it. Parents may form a loop, so each item is printed once.
    fn write_below<'a>(
        &'a self,
        item: &'a Item,
        depth: usize,
        printed: &mut HashSet<i64>,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        if !printed.insert(item.id) {
            return Ok(());
        }
        writeln!(f, "{:1$}{2}", "", depth * 2, Line(item))?;
        let Some(id) = node(item).filter(|_| depth < MAX_DEPTH) else { return Ok(()) };
        self.children(id).try_for_each(|child| self.write_below(child, depth + 1, printed, f))
    }
}

/// The levels that are printed.
const MAX_DEPTH: usize = 200;

fn node(item: &Item) -> Option<&str> {
    tree::span_id(item.kind, item.item_id.as_deref())
}

struct Line<'a>(&'a Item);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Item { kind, name, role, code, success, .. } = self.0;
        write!(f, "{} {name}", kind.as_str())?;
        if let Some(code) = code {
            write!(f, " {code}")?;
        }
        if *success == Some(false) {
            f.write_str(" failed")?;
        }
        role.as_ref().map_or(Ok(()), |role| write!(f, " ({role})"))
    }
}

impl fmt::Display for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "transaction {} of {} items", self.operation_id, self.items.len())?;
        let mut printed = HashSet::new();
        for root in self.roots() {
            self.write_below(root, 1, &mut printed, f)?;
        }
        let mut orphans: HashMap<&str, Vec<&Item>> = HashMap::new();
        for orphan in self.orphans() {
            orphans.entry(orphan.parent_id.as_deref().unwrap_or_default()).or_default().push(orphan);
        }
        for (parent, items) in orphans {
            writeln!(f, "  parent {parent} was not received:")?;
            for item in items {
                self.write_below(item, 2, &mut printed, f)?;
            }
        }
        self.doubles().try_for_each(|item| writeln!(f, "  received twice: {}", Line(item)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ItemKind;

    fn item(id: i64, kind: ItemKind, item_id: &str, parent: Option<&str>) -> Item {
        Item {
            kind,
            name: format!("item {id}"),
            item_id: Some(item_id.to_owned()),
            parent_id: parent.map(str::to_owned),
            ..Item::at(id)
        }
    }

    fn transaction(items: Vec<Item>) -> Transaction {
        Transaction::new("trace".to_owned(), items)
    }

    fn whole() -> Vec<Item> {
        vec![
            item(1, ItemKind::Request, "a", None),
            item(2, ItemKind::Dependency, "b", Some("a")),
            item(3, ItemKind::Request, "c", Some("b")),
            item(4, ItemKind::Exception, "", Some("c")),
        ]
    }

    #[test]
    fn one_tree_is_whole_and_printed_by_level() {
        let transaction = transaction(whole());
        assert!(transaction.is_whole());
        let text = "transaction trace of 4 items\n  request item 1\n    dependency item 2\n      request item 3\n        \
                    exception item 4\n";
        assert_eq!(transaction.to_string(), text);
    }

    #[test]
    fn items_are_grouped_by_operation() {
        let of = |id, operation: &str| Item { operation_id: Some(operation.to_owned()), ..Item::at(id) };
        let groups = Transaction::group(vec![of(1, "b"), Item::at(2), of(3, "a"), of(4, "b")]);
        let ids = |group: &Transaction| group.items.iter().map(|item| item.id).collect::<Vec<_>>();
        assert_eq!(groups.iter().map(ids).collect::<Vec<_>>(), [vec![3], vec![1, 4]]);
    }

    #[test]
    fn trace_id_as_a_parent_is_none() {
        let mut items = whole();
        items[0].parent_id = Some("trace".to_owned());
        assert!(transaction(items).is_whole());
    }

    #[test]
    fn missing_parents_doubles_and_second_roots_are_named() {
        let (mut missing, mut double, mut second, log) = (whole(), whole(), whole(), whole().split_off(3));
        missing.remove(1);
        double.push(item(5, ItemKind::Request, "c", Some("b")));
        second.push(item(6, ItemKind::Trace, "", None));
        let missing = transaction(missing);
        assert_eq!(missing.orphans().map(|item| item.id).collect::<Vec<_>>(), [3]);
        assert!(missing.to_string().contains("parent b was not received:\n    request item 3\n      exception item 4"));
        assert_eq!(transaction(double.clone()).doubles().map(|item| item.id).collect::<Vec<_>>(), [5]);
        for broken in [missing.items, double, second, log, Vec::new()] {
            assert!(!transaction(broken).is_whole());
        }
    }

    #[test]
    fn parent_that_was_not_sampled_is_not_missing() {
        let mut items = vec![item(1, ItemKind::Request, "c", Some("b")), item(2, ItemKind::Exception, "", Some("c"))];
        assert!(!transaction(items.clone()).is_whole());
        items[0].properties.insert("parent".to_owned(), "not_sampled".to_owned());
        assert!(transaction(items.clone()).is_whole());
        // It was kept after all, because it failed, too.
        items.push(item(3, ItemKind::Request, "b", None));
        let with_caller = transaction(items);
        assert!(with_caller.is_whole() && with_caller.roots().count() == 1);
    }

    #[test]
    fn loop_of_parents_ends() {
        let items = vec![item(1, ItemKind::Request, "a", None), item(2, ItemKind::Dependency, "a", Some("a"))];
        assert!(transaction(items).to_string().contains("received twice"));
    }
}
