//! Suppression of OpenTelemetry's telemetry.

use std::fmt;

use opentelemetry::{Context, ContextGuard};

/// Suppresses OpenTelemetry's telemetry on the current thread until it is dropped. The thread that
/// exports telemetry holds one, so that exporting does not cause more telemetry.
///
/// # Examples
///
/// ```
/// use opencensus_opentelemetry::SuppressionGuard;
/// use opentelemetry::Context;
///
/// let guard = SuppressionGuard::enter();
/// assert!(Context::is_current_telemetry_suppressed());
/// drop(guard);
/// assert!(!Context::is_current_telemetry_suppressed());
/// ```
#[must_use = "telemetry is suppressed until the guard is dropped"]
pub struct SuppressionGuard {
    _scope: ContextGuard,
}

impl SuppressionGuard {
    /// Suppresses telemetry on this thread.
    pub fn enter() -> Self {
        Self { _scope: Context::enter_telemetry_suppressed_scope() }
    }
}

impl fmt::Debug for SuppressionGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuppressionGuard").finish_non_exhaustive()
    }
}
