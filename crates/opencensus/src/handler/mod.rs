//! A handler's side: access to the telemetry of its request, and the errors that it returns.

mod failure;
mod request_telemetry;
mod suspicion;
mod suspicious_operation;

pub use failure::Failure;
pub(crate) use failure::FailureInfo;
pub use request_telemetry::RequestTelemetry;
pub use suspicion::Suspicion;
pub use suspicious_operation::SuspiciousOperation;
