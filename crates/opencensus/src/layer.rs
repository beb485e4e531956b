//! The layer that applications add, for tower and for actix-web.

use crate::Telemetry;

/// Records one span for every incoming request: a [`tower_layer::Layer`], and with the feature `actix` a
/// `Transform` of actix-web too.
///
/// Handlers reach the span of their request through [`RequestTelemetry`](crate::RequestTelemetry).
///
/// # Examples
///
/// ```
/// use axum::{Router, extract::Path, routing::get};
/// use opencensus::{OpenCensusLayer, Telemetry};
///
/// let (telemetry, _requests) = Telemetry::in_memory();
/// let app: Router = Router::new()
///     .route("/users/{id}", get(|Path(id): Path<u32>| async move { format!("user {id}") }))
///     .layer(OpenCensusLayer::new(telemetry));
/// ```
#[derive(Clone, Debug)]
pub struct OpenCensusLayer {
    telemetry: Telemetry,
}

impl OpenCensusLayer {
    /// Records into this telemetry's pipeline.
    #[must_use]
    pub fn new(telemetry: Telemetry) -> Self {
        Self { telemetry }
    }

    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }
}
