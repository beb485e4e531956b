//! The tree of loggers, as a configuration sees it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dialect::Dialect;
use crate::filters::Filter;
use crate::handlers::InstalledHandler;
use crate::level::Level;
use crate::registry::{Node, Route};

/// The root's name in the tree: no other logger has it.
pub(crate) const ROOT: &str = "";
/// The name that the root shows.
const ROOT_SHOWN: &str = "root";
/// What the names of Django's loggers begin with, and this project's for the same.
const DJANGO: &str = "django";
const OURS: &str = "opencensus";

/// All loggers that anybody asked for. Those between them are not there.
pub(crate) struct Tree {
    loggers: BTreeMap<String, Entry>,
    disabled_up_to: Level,
    handlers: BTreeMap<String, Arc<InstalledHandler>>,
}

struct Entry {
    node: Arc<Node>,
    level: Level,
    propagate: bool,
    disabled: bool,
    filters: Vec<Arc<dyn Filter>>,
    handlers: Vec<Arc<InstalledHandler>>,
}

/// What a configuration says of a logger. `None`: as it was.
#[derive(Default)]
pub(crate) struct LoggerChange {
    pub(crate) level: Option<Level>,
    pub(crate) propagate: Option<bool>,
    pub(crate) handlers: Option<Vec<Arc<InstalledHandler>>>,
    pub(crate) filters: Vec<Arc<dyn Filter>>,
    /// Filters come to those that are there, instead of replacing them.
    pub(crate) keeps_filters: bool,
}

/// A logger as it is now.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LoggerState {
    /// Its own level.
    pub level: Level,
    /// The level that counts: its own, or the nearest one above.
    pub effective_level: Level,
    /// Whether its records go to its parent's handlers, too.
    pub propagate: bool,
    /// Whether it takes no records of its own.
    pub disabled: bool,
    /// Whether its records reach any handler.
    pub has_handlers: bool,
    /// Its own handlers, and their levels.
    pub handlers: Vec<(String, Level)>,
    /// The name of the nearest logger above. `None`: it is the root.
    pub parent: Option<String>,
}

/// `::` is `.`; the root has two names; and Django's loggers are this project's, unless it is Python who asks.
pub(crate) fn canonical(name: &str, dialect: Dialect) -> Cow<'_, str> {
    let name: Cow<'_, str> = match name {
        ROOT_SHOWN => ROOT.into(),
        name if name.contains("::") => name.replace("::", ".").into(),
        name => name.into(),
    };
    let of_django = name.strip_prefix(DJANGO).filter(|rest| rest.is_empty() || rest.starts_with('.'));
    match of_django {
        Some(rest) if dialect == Dialect::Native => format!("{OURS}{rest}").into(),
        _ => name,
    }
}

impl Tree {
    pub(crate) fn new() -> Self {
        let node = Arc::new(Node::new(ROOT_SHOWN.into()));
        let root = Entry { level: Level::WARNING, ..Entry::new(node) };
        let mut tree = Self {
            loggers: BTreeMap::from([(ROOT.to_owned(), root)]),
            disabled_up_to: Level::NOTSET,
            handlers: BTreeMap::new(),
        };
        tree.lay_routes();
        tree
    }

    /// The logger of this name, which is made if there is none.
    pub(crate) fn node(&mut self, name: &str) -> Arc<Node> {
        if let Some(entry) = self.loggers.get(name) {
            return Arc::clone(&entry.node);
        }
        let node = Arc::new(Node::new(name.into()));
        self.loggers.insert(name.to_owned(), Entry::new(Arc::clone(&node)));
        // It has no say yet: nothing changes for the loggers below.
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

    /// As if it was just made, but for its filters.
    pub(crate) fn reset(&mut self, name: &str) {
        if let Some(entry) = self.loggers.get_mut(name) {
            (entry.level, entry.propagate) = (Level::NOTSET, true);
            entry.handlers.clear();
        }
    }

    /// Names of all loggers but the root.
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

    /// Every handler that a logger uses or a configuration named, each once.
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
            parent: self.parent(name).map(|parent| if parent == ROOT { ROOT_SHOWN } else { parent }.to_owned()),
        })
    }

    /// The least level that any logger takes, and any that is yet to be made.
    #[cfg(feature = "log")]
    pub(crate) fn least_level(&self) -> Level {
        // Those below a disabled one are not.
        let least = self.loggers.keys().map(|name| self.effective_level(name)).min().unwrap_or(Level::NOTSET);
        if self.disabled_up_to == Level::NOTSET {
            least
        } else {
            least.max(Level::from_number(self.disabled_up_to.number().saturating_add(1)))
        }
    }

    /// After any change: what those see who log.
    pub(crate) fn lay_routes(&mut self) {
        for (name, entry) in &self.loggers {
            entry.node.set_route(self.route(name));
        }
    }

    fn route(&self, name: &str) -> Route {
        let entry = self.loggers.get(name);
        let effective = self.effective_level(name).number();
        let threshold = match entry {
            Some(entry) if entry.disabled => i32::MAX,
            _ if self.disabled_up_to == Level::NOTSET => effective,
            _ => effective.max(self.disabled_up_to.number().saturating_add(1)),
        };
        let filters = entry.map(|entry| entry.filters.clone()).unwrap_or_default();
        Route { threshold, filters, handlers: self.handlers_of(name) }
    }

    /// The nearest logger above that is there.
    fn parent<'a>(&self, name: &'a str) -> Option<&'a str> {
        if name == ROOT {
            return None;
        }
        let above = name.rmatch_indices('.').map(|(at, _)| &name[..at]);
        // A name that begins with a dot has the root above it.
        Some(above.filter(|above| *above != ROOT).find(|above| self.loggers.contains_key(*above)).unwrap_or(ROOT))
    }

    /// The logger and all above it, from below.
    fn lineage<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Entry> {
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

impl Entry {
    fn new(node: Arc<Node>) -> Self {
        Self { node, level: Level::NOTSET, propagate: true, disabled: false, filters: Vec::new(), handlers: Vec::new() }
    }
}
