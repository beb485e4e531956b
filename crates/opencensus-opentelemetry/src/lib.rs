#![doc = include_str!("../README.md")]

mod context;
mod convert;
mod exporter;
mod pipeline_exporter;
mod sampler;
mod span;
mod suppress;
mod telemetry;

pub use context::{kept_context, passing_context};
pub use convert::span_data;
pub use exporter::OpenTelemetryExporter;
pub use pipeline_exporter::PipelineSpanExporter;
pub use sampler::OpenTelemetrySampler;
pub use suppress::suppress_on_this_thread;
pub use telemetry::telemetry;
