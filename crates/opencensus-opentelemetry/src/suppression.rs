//! Telemetry of the exporter's own work.

use std::any::Any;

use opentelemetry::Context;

/// Suppresses OpenTelemetry's telemetry on this thread until the guard is dropped.
#[must_use = "telemetry is suppressed until the guard is dropped"]
pub fn suppress_on_this_thread() -> Box<dyn Any> {
    Box::new(Context::enter_telemetry_suppressed_scope())
}
