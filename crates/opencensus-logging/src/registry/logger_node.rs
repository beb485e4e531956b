//! A logger's name and route.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::filters::Filter;
use crate::handlers::InstalledHandler;
use crate::level::Level;

/// A logger's name and route, which all its handles share.
pub(crate) struct LoggerNode {
    pub(crate) name: Arc<str>,
    // The threshold of the route, which callers read without a lock.
    threshold: AtomicI32,
    route: RwLock<Arc<LoggerRoute>>,
}

/// The threshold, the filters and the handlers for a logger's records.
pub(crate) struct LoggerRoute {
    /// The lowest level of records that are handled.
    pub(crate) threshold: i32,
    /// The filters of the logger itself.
    pub(crate) filters: Vec<Arc<dyn Filter>>,
    /// The handlers of the logger, then those of its parents, up to the root or to a logger that does not propagate.
    pub(crate) handlers: Vec<Arc<InstalledHandler>>,
}

impl LoggerNode {
    pub(crate) fn new(name: Arc<str>) -> Self {
        let route = LoggerRoute { threshold: i32::MAX, filters: Vec::new(), handlers: Vec::new() };
        Self { name, threshold: AtomicI32::new(route.threshold), route: RwLock::new(Arc::new(route)) }
    }

    /// Whether records of this level are handled.
    pub(crate) fn is_enabled(&self, level: Level) -> bool {
        level.number() >= self.threshold.load(Ordering::Relaxed)
    }

    pub(crate) fn route(&self) -> Arc<LoggerRoute> {
        Arc::clone(&self.route.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_route(&self, route: LoggerRoute) {
        let threshold = route.threshold;
        *self.route.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(route);
        self.threshold.store(threshold, Ordering::Relaxed);
    }
}
