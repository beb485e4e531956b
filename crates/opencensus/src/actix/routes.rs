//! The routes that a worker has learned.

use std::cell::OnceCell;
use std::rc::Rc;

use actix_web::dev::{ResourceMap, ServiceRequest};

use crate::middleware::framework::Routes;

/// A worker's routes, learned from its first request. A request that is cancelled or panics takes its route with it,
/// but its path is known: the path decides alone then, without guards.
#[derive(Clone, Debug, Default)]
pub(super) struct WorkerRoutes(Rc<OnceCell<ResourceMap>>);

impl WorkerRoutes {
    pub(super) fn learned_from(&self, request: &ServiceRequest) -> Self {
        self.0.get_or_init(|| request.resource_map().clone());
        self.clone()
    }
}

impl Routes for WorkerRoutes {
    fn route_of(&self, path: &str) -> Option<String> {
        self.0.get()?.match_pattern(path)
    }
}
