//! What the middleware and loggers have to do with each other: answers become records, and records telemetry.

mod escape;
#[cfg(feature = "mail")]
mod report;
mod request_logger;
mod server_logger;
mod telemetry_handler;

pub use request_logger::RequestLogger;
pub use server_logger::ServerLogger;
pub use telemetry_handler::TelemetryHandler;
