//! One logger, as those see it who log.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::filters::Filter;
use crate::handlers::InstalledHandler;
use crate::level::Level;

/// One logger, as those see it who log.
pub(crate) struct Node {
    pub(crate) name: Arc<str>,
    // The route's, for a look without a lock.
    threshold: AtomicI32,
    route: RwLock<Arc<Route>>,
}

/// The way of a logger's records.
pub(crate) struct Route {
    /// Records below go nowhere.
    pub(crate) threshold: i32,
    /// The logger's own.
    pub(crate) filters: Vec<Arc<dyn Filter>>,
    /// The logger's, then its parent's, up to the root or to where it does not propagate.
    pub(crate) handlers: Vec<Arc<InstalledHandler>>,
}

impl Node {
    pub(crate) fn new(name: Arc<str>) -> Self {
        let route = Route { threshold: i32::MAX, filters: Vec::new(), handlers: Vec::new() };
        Self { name, threshold: AtomicI32::new(route.threshold), route: RwLock::new(Arc::new(route)) }
    }

    /// Whether records of this level go anywhere.
    pub(crate) fn is_enabled(&self, level: Level) -> bool {
        level.number() >= self.threshold.load(Ordering::Relaxed)
    }

    pub(crate) fn route(&self) -> Arc<Route> {
        Arc::clone(&self.route.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_route(&self, route: Route) {
        let threshold = route.threshold;
        *self.route.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(route);
        self.threshold.store(threshold, Ordering::Relaxed);
    }
}
