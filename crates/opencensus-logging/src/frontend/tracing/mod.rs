//! The front end for the `tracing` crate.

mod event_fields;
mod layer;
mod log_tracer;

pub(crate) use layer::install;
pub use layer::layer;
