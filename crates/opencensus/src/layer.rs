//! The layer.

use crate::Telemetry;

/// Records one span for every incoming request: a [`tower_layer::Layer`], and with the feature `actix` a
/// `Transform` of actix-web too.
///
/// Handlers find the request's [`RequestSpan`](crate::RequestSpan) in the request's extensions, as
/// an `Arc`, or by [`RequestSpan::current`](crate::RequestSpan::current).
///
/// # Examples
///
/// ```
/// use axum::{Router, extract::Path, routing::get};
/// use opencensus::{Telemetry, OpenCensusLayer};
///
/// let (telemetry, _requests) = Telemetry::in_memory();
/// let app: Router = Router::new()
///     .route("/users/{id}", get(|Path(id): Path<u32>| async move { format!("user {id}") }))
///     .layer(OpenCensusLayer::new(telemetry));
/// ```
#[derive(Clone, Debug)]
pub struct OpenCensusLayer {
    config: Telemetry,
}

impl OpenCensusLayer {
    /// Records into this configuration's pipeline.
    #[must_use]
    pub fn new(config: Telemetry) -> Self {
        Self { config }
    }

    pub(crate) fn config(&self) -> &Telemetry {
        &self.config
    }
}
