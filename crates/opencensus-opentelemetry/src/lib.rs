#![doc = include_str!("../README.md")]

mod context;
mod convert;
mod exporter;
mod sampler;
mod span;
mod suppress;

pub use context::{kept_context, passing_context};
pub use convert::span_data;
pub use exporter::OpenTelemetryExporter;
pub use sampler::OpenTelemetrySampler;
pub use suppress::suppress_on_this_thread;
