//! The state behind loggers: the tree of loggers and the handler of last resort.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::handlers::{Handler, InstalledHandler};
use crate::level::Level;
use crate::lock::lock;
use crate::record::Record;
use crate::registry::LoggerTree;
use crate::shared::Shared;

/// The state that a logging system shares with its loggers.
pub(crate) struct System {
    pub(crate) shared: Arc<Shared>,
    tree: Mutex<LoggerTree>,
    last_resort: RwLock<Option<Arc<InstalledHandler>>>,
    // Whether a logger without handlers was reported.
    has_warned: AtomicBool,
    change_hooks: Mutex<Vec<ChangeHook>>,
    /// Held while a configuration is applied: one at a time.
    pub(crate) configuring: Mutex<()>,
}

/// Called after every change of levels or handlers.
pub(crate) type ChangeHook = Arc<dyn Fn(&System) + Send + Sync>;

/// Stops the background threads; they try waiting mails once more.
impl Drop for System {
    fn drop(&mut self) {
        self.shared.backlog.stop();
    }
}

impl System {
    pub(crate) fn new(shared: Arc<Shared>, last_resort: Box<dyn Handler>) -> Self {
        let system = Self {
            shared,
            tree: Mutex::new(LoggerTree::new()),
            last_resort: RwLock::new(None),
            has_warned: AtomicBool::new(false),
            change_hooks: Mutex::default(),
            configuring: Mutex::default(),
        };
        system.set_last_resort(Some(last_resort));
        system
    }

    /// Sets the handler of records that reach no other handler.
    pub(crate) fn set_last_resort(&self, handler: Option<Box<dyn Handler>>) {
        let installed = |handler| {
            let shared = Arc::clone(&self.shared);
            Arc::new(InstalledHandler::new("lastResort".into(), Level::WARNING, Vec::new(), handler, false, shared))
        };
        *self.last_resort.write().unwrap_or_else(PoisonError::into_inner) = handler.map(installed);
    }

    pub(crate) fn tree(&self) -> MutexGuard<'_, LoggerTree> {
        lock(&self.tree)
    }

    /// Changes the tree, and calls the hooks.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut LoggerTree) -> T) -> T {
        let mut tree = self.tree();
        let result = change(&mut tree);
        tree.update_routes();
        drop(tree);
        let hooks = lock(&self.change_hooks).clone();
        hooks.iter().for_each(|hook| hook(self));
        result
    }

    /// Calls `hook` after every change.
    #[cfg(any(feature = "log", feature = "tracing"))]
    pub(crate) fn add_change_hook(&self, hook: ChangeHook) {
        lock(&self.change_hooks).push(hook);
    }

    /// The lowest level that any logger handles.
    #[cfg(feature = "log")]
    pub(crate) fn lowest_level(&self) -> Level {
        self.tree().lowest_level()
    }

    /// Handles a record that reached no handler.
    pub(crate) fn handle_without_handlers(&self, record: &mut Arc<Record>) {
        let last_resort = self.last_resort.read().unwrap_or_else(PoisonError::into_inner).clone();
        match last_resort {
            Some(handler) if record.level >= handler.level() => handler.handle(record),
            Some(_) => {}
            None if !self.has_warned.swap(true, Ordering::Relaxed) => {
                let warning = format!("No handlers could be found for logger \"{}\"\n", record.logger);
                let _ = self.shared.stderr.write(&warning);
            }
            None => {}
        }
    }
}
