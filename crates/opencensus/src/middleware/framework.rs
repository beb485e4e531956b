//! The parts in which the frameworks differ.

use opencensus_core::RequestHead;

use crate::middleware::header_index::Headers;

/// A framework: what outlives its request, which the handler consumes.
pub(crate) trait Framework {
    /// Method and target of a request: reference counts, no copies.
    type Head: RequestHead;

    /// Finds the route of a request that never came back from its handler.
    type Routes: Routes;
}

/// Routes by path.
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

    /// The head, borrowed.
    fn head(&self) -> impl RequestHead;

    /// The table of headers.
    fn headers(&self) -> impl Headers<'_>;

    /// Method and target, to be kept.
    fn kept_head(&self) -> F::Head;

    /// Whether an outer layer records the request already. Its span gets the route, if the framework has
    /// matched it meanwhile.
    fn joins_outer_layer(&self) -> bool;

    /// Adds a value to the request's extensions.
    fn insert<T: Clone + Send + Sync + 'static>(&mut self, value: T);
}
