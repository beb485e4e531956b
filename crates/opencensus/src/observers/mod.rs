//! The built-in observers of responses, and the logging handler that sends records as telemetry.
//!
//! The settings add them. Custom observers implement [`Observer`](crate::Observer).

#[cfg(feature = "logging")]
mod escape;
mod events;
#[cfg(feature = "logging")]
mod mail_report;
#[cfg(feature = "logging")]
mod request_logger;
#[cfg(feature = "logging")]
mod server_logger;
#[cfg(feature = "logging")]
mod telemetry_handler;

pub use opencensus_core::GrpcStatus;

pub(crate) use events::Events;
#[cfg(feature = "logging")]
pub use request_logger::RequestLogger;
#[cfg(feature = "logging")]
pub use server_logger::ServerLogger;
#[cfg(feature = "logging")]
pub use telemetry_handler::TelemetryHandler;
