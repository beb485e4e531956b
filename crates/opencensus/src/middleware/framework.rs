//! The traits that `tower/` and `actix/` implement: a framework, its requests and its routes.

use opencensus_core::RequestHead;
use opencensus_core::current::RequestIdentity;

use crate::RequestScheme;
use crate::middleware::header_index::Headers;

/// A framework: the types of the data that outlives a request, which the handler consumes.
pub(crate) trait Framework {
    /// The method and the target of a request: reference counts, no copies.
    type Head: RequestHead;

    /// Finds the route of a request whose handler returned no response.
    type Routes: Routes;
}

/// Finds routes by path.
pub(crate) trait Routes {
    /// The template of the route that a path matches.
    fn route_of(&self, path: &str) -> Option<String>;
}

/// For frameworks that name the route before the handler, or never.
impl Routes for () {
    fn route_of(&self, _: &str) -> Option<String> {
        None
    }
}

/// A framework's request, before its handler consumes it.
pub(crate) trait IncomingRequest<F: Framework> {
    /// The method.
    fn method(&self) -> &str;

    /// The head, borrowed. `scheme`: that of the settings.
    fn head(&self, scheme: Option<RequestScheme>) -> impl RequestHead;

    /// The table of headers.
    fn headers(&self) -> impl Headers<'_>;

    /// The method and the target, to outlive the request. `scheme`: that of the settings.
    fn owned_head(&self, scheme: Option<RequestScheme>) -> F::Head;

    /// The identity of the request, as long as it is handled.
    fn identity(&self) -> RequestIdentity;

    /// The identity by the target before a router changed it. Default: it did not.
    fn original_identity(&self) -> RequestIdentity {
        self.identity()
    }

    /// Whether the request carries the span of an outer layer. If the framework has matched the route meanwhile, the span
    /// gets it.
    fn join_outer_span(&self) -> bool;

    /// Passes the matched route to the outer layer of a request that is not recorded, for its reports. Default: the outer
    /// layer learns it elsewhere.
    fn pass_route(&self) {}

    /// Adds a value to the request's extensions.
    fn insert<T: Clone + Send + Sync + 'static>(&mut self, value: T);
}
