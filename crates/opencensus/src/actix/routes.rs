//! Finds the route of a request by its path.

use std::cell::OnceCell;
use std::rc::Rc;

use actix_web::dev::{ResourceMap, ServiceRequest};

use crate::middleware::framework::Routes;

/// The routes of a worker, taken from its first request, for requests that are cancelled or panic. Such a request no
/// longer exists, but its path is known: the path decides alone, without guards.
#[derive(Clone, Debug, Default)]
pub(super) struct WorkerRoutes(Rc<OnceCell<ResourceMap>>);

impl WorkerRoutes {
    /// These routes, which the first request initializes.
    pub(super) fn get_or_init(&self, request: &ServiceRequest) -> Self {
        self.0.get_or_init(|| request.resource_map().clone());
        self.clone()
    }
}

impl Routes for WorkerRoutes {
    fn route_of(&self, path: &str) -> Option<String> {
        self.0.get()?.match_pattern(path)
    }
}
