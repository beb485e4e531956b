#![doc = include_str!("../README.md")]

mod attribute;
mod context;
mod exporter;
mod pipeline_exporter;
mod resource;
mod sampler;
mod sampling_rate;
mod span_context;
mod span_data;
mod suppression;
mod telemetry_items;
mod writable_span;

pub use context::RequestContextExt;
pub use exporter::OpenTelemetryExporter;
#[cfg(feature = "logs")]
pub use pipeline_exporter::PipelineLogExporter;
#[cfg(feature = "metrics")]
pub use pipeline_exporter::PipelineMetricExporter;
pub use pipeline_exporter::PipelineSpanExporter;
pub use sampler::OpenTelemetrySampler;
pub use suppression::SuppressionGuard;
