#![doc = include_str!("../README.md")]

mod context;
mod exporter;
mod pipeline_exporter;
mod sampler;
mod span_data;
mod suppression;
mod telemetry_items;
mod writable_span;

pub use context::{kept_context, non_recording_context};
pub use exporter::OpenTelemetryExporter;
#[cfg(feature = "logs")]
pub use pipeline_exporter::PipelineLogExporter;
#[cfg(feature = "metrics")]
pub use pipeline_exporter::PipelineMetricExporter;
pub use pipeline_exporter::PipelineSpanExporter;
pub use sampler::OpenTelemetrySampler;
pub use span_data::span_data;
pub use suppression::suppress_on_this_thread;
pub use telemetry_items::telemetry;
