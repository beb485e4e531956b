//! What the middleware and loggers have to do with each other: answers become records, and records telemetry.

mod request_logger;
mod telemetry_handler;

pub use request_logger::RequestLogger;
pub use telemetry_handler::TelemetryHandler;
