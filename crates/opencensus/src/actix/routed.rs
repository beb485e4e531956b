//! A request's scope that knows where to look for its route.

use std::cell::OnceCell;
use std::rc::Rc;

use actix_web::dev::{ResourceMap, ServiceRequest, ServiceResponse};

use crate::actix::request_head::Target;
use crate::middleware::exchange::RequestScope;
use crate::middleware::observation::Asked;

/// A worker's routes, learned from its first request: a request that is given up or panics is gone, and its
/// route with it, but its path is known. The path decides alone then, whatever guards would say.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes(Rc<OnceCell<ResourceMap>>);

impl Routes {
    pub(super) fn learned_from(&self, request: &ServiceRequest) -> Self {
        self.0.get_or_init(|| request.resource_map().clone());
        self.clone()
    }

    fn of(&self, path: &str) -> Option<String> {
        self.0.get()?.match_pattern(path)
    }
}

/// A scope that tells its request's route before it ends it.
#[derive(Debug)]
pub(super) struct RoutedScope {
    scope: RequestScope,
    // `None`: the request is not kept.
    routes: Option<Routes>,
}

impl RoutedScope {
    pub(super) fn new(scope: RequestScope, routes: &Routes, request: &ServiceRequest) -> Self {
        let routes = scope.is_open().then(|| routes.learned_from(request));
        Self { scope, routes }
    }

    /// The route is wanted although the request is not kept.
    #[cold]
    pub(super) fn learn(&mut self, routes: &Routes, request: &ServiceRequest) {
        self.routes.get_or_insert_with(|| routes.learned_from(request));
    }

    pub(super) fn scope(&self) -> &RequestScope {
        &self.scope
    }

    /// Runs a part of the service as this request. A panic is told, ends the request and goes on.
    #[inline]
    pub(super) fn run<R>(&mut self, asked: &mut Option<Box<Asked<Target>>>, work: impl FnOnce() -> R) -> R {
        if asked.is_none() && !self.scope.is_open() {
            let _entered = self.scope.enter();
            return work();
        }
        match self.scope.catch(work) {
            Ok(done) => done,
            Err(panic) => {
                self.tell_route_of_path();
                self.tell_route_to(asked);
                Asked::panicked(asked, &mut self.scope, panic)
            }
        }
    }

    /// The scope of a request that has been routed. A route that the handler named stays.
    pub(super) fn routed_to<B>(&mut self, response: &ServiceResponse<B>) -> RequestScope {
        if let Some(span) = self.scope.open_span()
            && !span.has_route()
            && let Some(route) = response.request().match_pattern()
        {
            span.set_route(route);
        }
        std::mem::take(&mut self.scope)
    }

    /// The scope of a request that has failed on its way.
    pub(super) fn lost(&mut self) -> RequestScope {
        self.tell_route_of_path();
        std::mem::take(&mut self.scope)
    }

    /// The route of a request that has failed on its way, for whoever reports it.
    #[cold]
    pub(super) fn tell_route_to(&self, asked: &mut Option<Box<Asked<Target>>>) {
        if let (Some(routes), Some(asked)) = (&self.routes, asked) {
            let path = asked.path().to_owned();
            asked.set_route(|| routes.of(&path));
        }
    }

    #[cold]
    fn tell_route_of_path(&self) {
        if let (Some(routes), Some(span)) = (&self.routes, self.scope.open_span())
            && !span.has_route()
            && let Some(route) = routes.of(&span.path())
        {
            span.set_route(route);
        }
    }
}

/// The client is gone, or somebody around has given up; then the scope ends the request.
impl Drop for RoutedScope {
    #[inline]
    fn drop(&mut self) {
        if self.scope.is_open() {
            self.tell_route_of_path();
        }
    }
}
