//! Types for handlers: access to the telemetry of their request, and the errors that they return.

mod failure;
mod in_request;
mod request_telemetry;
mod suspicion;
mod suspicious_operation;

pub use failure::Failure;
pub(crate) use failure::FailureInfo;
pub use in_request::{InRequest, in_request};
pub use request_telemetry::RequestTelemetry;
pub use suspicion::Suspicion;
pub use suspicious_operation::SuspiciousOperation;
