//! The tree of loggers.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::filters::Filter;
use crate::handlers::InstalledHandler;
use crate::level::Level;
use crate::registry::{LoggerNode, LoggerRoute, LoggerState, ROOT, ROOT_DISPLAY};

/// All loggers that the program or a configuration named; loggers between them exist only if they were named, too.
pub(crate) struct LoggerTree {
    loggers: BTreeMap<String, TreeEntry>,
    disabled_up_to: Level,
    handlers: BTreeMap<String, Arc<InstalledHandler>>,
}

struct TreeEntry {
    node: Arc<LoggerNode>,
    level: Level,
    propagate: bool,
    disabled: bool,
    filters: Vec<Arc<dyn Filter>>,
    handlers: Vec<Arc<InstalledHandler>>,
}

/// A change of a logger. `None`: the value stays.
#[derive(Default)]
pub(crate) struct LoggerChange {
    pub(crate) level: Option<Level>,
    pub(crate) propagate: Option<bool>,
    pub(crate) handlers: Option<Vec<Arc<InstalledHandler>>>,
    pub(crate) filters: Vec<Arc<dyn Filter>>,
    /// Whether the filters are added to the current ones, instead of replacing them.
    pub(crate) keeps_filters: bool,
}

impl LoggerTree {
    pub(crate) fn new() -> Self {
        let node = Arc::new(LoggerNode::new(ROOT_DISPLAY.into()));
        let root = TreeEntry { level: Level::WARNING, ..TreeEntry::new(node) };
        let mut tree = Self {
            loggers: BTreeMap::from([(ROOT.to_owned(), root)]),
            disabled_up_to: Level::NOTSET,
            handlers: BTreeMap::new(),
        };
        tree.update_routes();
        tree
    }

    /// The logger of this name, which is created if it does not exist.
    pub(crate) fn node(&mut self, name: &str) -> Arc<LoggerNode> {
        if let Some(entry) = self.loggers.get(name) {
            return Arc::clone(&entry.node);
        }
        let node = Arc::new(LoggerNode::new(name.into()));
        self.loggers.insert(name.to_owned(), TreeEntry::new(Arc::clone(&node)));
        // It has no settings yet: nothing changes for the loggers below.
        node.set_route(self.route(name));
        node
    }

    /// The logger of this name, which the tree does not keep if it does not exist.
    #[cfg(any(feature = "log", feature = "tracing"))]
    pub(crate) fn transient_node(&self, name: &str) -> Arc<LoggerNode> {
        if let Some(entry) = self.loggers.get(name) {
            return Arc::clone(&entry.node);
        }
        let node = Arc::new(LoggerNode::new(name.into()));
        node.set_route(self.route(name));
        node
    }

    pub(crate) fn change(&mut self, name: &str, change: LoggerChange) {
        self.node(name);
        let Some(entry) = self.loggers.get_mut(name) else { return };
        entry.level = change.level.unwrap_or(entry.level);
        entry.propagate = change.propagate.unwrap_or(entry.propagate);
        if let Some(handlers) = change.handlers {
            entry.handlers = handlers;
        }
        if !change.keeps_filters {
            entry.filters.clear();
        }
        entry.filters.extend(change.filters);
    }

    pub(crate) fn enable(&mut self, name: &str) {
        if let Some(entry) = self.loggers.get_mut(name) {
            entry.disabled = false;
        }
    }

    pub(crate) fn disable(&mut self, name: &str) {
        if let Some(entry) = self.loggers.get_mut(name) {
            entry.disabled = true;
        }
    }

    /// Removes level and handlers, and lets the logger propagate. Filters stay.
    pub(crate) fn reset(&mut self, name: &str) {
        if let Some(entry) = self.loggers.get_mut(name) {
            (entry.level, entry.propagate) = (Level::NOTSET, true);
            entry.handlers.clear();
        }
    }

    /// The names of all loggers but the root.
    pub(crate) fn names(&self) -> Vec<String> {
        self.loggers.keys().filter(|name| *name != ROOT).cloned().collect()
    }

    pub(crate) fn disable_up_to(&mut self, level: Level) {
        self.disabled_up_to = level;
    }

    pub(crate) fn handlers(&self) -> &BTreeMap<String, Arc<InstalledHandler>> {
        &self.handlers
    }

    pub(crate) fn set_handlers(&mut self, handlers: BTreeMap<String, Arc<InstalledHandler>>) {
        self.handlers = handlers;
    }

    pub(crate) fn add_handler(&mut self, logger: &str, handler: Arc<InstalledHandler>) {
        self.node(logger);
        if let Some(entry) = self.loggers.get_mut(logger) {
            entry.handlers.push(Arc::clone(&handler));
        }
        self.handlers.insert(handler.name().to_owned(), handler);
    }

    /// All handlers that a logger uses or the configuration names, each once.
    pub(crate) fn all_handlers(&self) -> Vec<Arc<InstalledHandler>> {
        let used = self.loggers.values().flat_map(|entry| &entry.handlers);
        let mut all: Vec<Arc<InstalledHandler>> = Vec::new();
        for handler in self.handlers.values().chain(used) {
            if !all.iter().any(|known| Arc::ptr_eq(known, handler)) {
                all.push(Arc::clone(handler));
            }
        }
        all
    }

    pub(crate) fn state(&self, name: &str) -> Option<LoggerState> {
        let entry = self.loggers.get(name)?;
        Some(LoggerState {
            level: entry.level,
            effective_level: self.effective_level(name),
            propagate: entry.propagate,
            disabled: entry.disabled,
            has_handlers: !self.handlers_of(name).is_empty(),
            handlers: entry.handlers.iter().map(|handler| (handler.name().to_owned(), handler.level())).collect(),
            parent: self.parent(name).map(|parent| if parent == ROOT { ROOT_DISPLAY } else { parent }.to_owned()),
        })
    }

    /// The lowest level that any logger handles, also one that does not exist yet.
    #[cfg(feature = "log")]
    pub(crate) fn lowest_level(&self) -> Level {
        // Disabled loggers count: loggers below them are not disabled.
        let lowest = self.loggers.keys().map(|name| self.effective_level(name)).min().unwrap_or(Level::NOTSET);
        if self.disabled_up_to == Level::NOTSET {
            lowest
        } else {
            lowest.max(Level::from_number(self.disabled_up_to.number().saturating_add(1)))
        }
    }

    /// Replaces the routes of all loggers, after a change.
    pub(crate) fn update_routes(&mut self) {
        for (name, entry) in &self.loggers {
            entry.node.set_route(self.route(name));
        }
    }

    fn route(&self, name: &str) -> LoggerRoute {
        let entry = self.loggers.get(name);
        let effective = self.effective_level(name).number();
        let threshold = match entry {
            Some(entry) if entry.disabled => i32::MAX,
            _ if self.disabled_up_to == Level::NOTSET => effective,
            _ => effective.max(self.disabled_up_to.number().saturating_add(1)),
        };
        let filters = entry.map(|entry| entry.filters.clone()).unwrap_or_default();
        LoggerRoute { threshold, filters, handlers: self.handlers_of(name) }
    }

    /// The nearest logger above that exists.
    fn parent<'a>(&self, name: &'a str) -> Option<&'a str> {
        if name == ROOT {
            return None;
        }
        // As in Python, the dot right before another one does not end a name.
        let is_end = |at: &usize| name.as_bytes().get(at + 1) != Some(&b'.');
        let above = name.rmatch_indices('.').map(|(at, _)| at).filter(is_end).map(|at| &name[..at]);
        // A name that begins with a dot is directly below the root.
        Some(above.filter(|above| *above != ROOT).find(|above| self.loggers.contains_key(*above)).unwrap_or(ROOT))
    }

    /// The logger, then all loggers above it.
    fn lineage<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a TreeEntry> {
        std::iter::successors(Some(name), |name| self.parent(name)).filter_map(|name| self.loggers.get(name))
    }

    fn effective_level(&self, name: &str) -> Level {
        self.lineage(name).map(|entry| entry.level).find(|level| *level != Level::NOTSET).unwrap_or(Level::NOTSET)
    }

    fn handlers_of(&self, name: &str) -> Vec<Arc<InstalledHandler>> {
        let mut handlers = Vec::new();
        for entry in self.lineage(name) {
            handlers.extend(entry.handlers.iter().cloned());
            if !entry.propagate {
                break;
            }
        }
        handlers
    }
}

impl TreeEntry {
    fn new(node: Arc<LoggerNode>) -> Self {
        Self { node, level: Level::NOTSET, propagate: true, disabled: false, filters: Vec::new(), handlers: Vec::new() }
    }
}
