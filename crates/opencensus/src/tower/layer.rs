//! The layer.

use tower_layer::Layer;

use crate::Config;
use crate::tower::OpenCensusService;

/// [`Layer`] that records one span for every incoming request.
///
/// Handlers find the request's [`RequestSpan`](crate::RequestSpan) in the request's extensions, as
/// an `Arc`, or by [`RequestSpan::current`](crate::RequestSpan::current).
///
/// # Examples
///
/// ```
/// use axum::{Router, extract::Path, routing::get};
/// use opencensus::{Config, OpenCensusLayer};
///
/// let (telemetry, _requests) = Config::in_memory();
/// let app: Router = Router::new()
///     .route("/users/{id}", get(|Path(id): Path<u32>| async move { format!("user {id}") }))
///     .layer(OpenCensusLayer::new(telemetry));
/// ```
#[derive(Clone, Debug)]
pub struct OpenCensusLayer {
    config: Config,
}

impl OpenCensusLayer {
    /// Records into this configuration's pipeline.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config }
    }
}

impl<S> Layer<S> for OpenCensusLayer {
    type Service = OpenCensusService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        OpenCensusService::new(inner, self.config.clone())
    }
}
