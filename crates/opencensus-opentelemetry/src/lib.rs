#![doc = include_str!("../README.md")]

mod context;
mod convert;
mod exporter;
#[cfg(feature = "logs")]
mod log_exporter;
#[cfg(feature = "metrics")]
mod metric_exporter;
mod pipeline_exporter;
mod sampler;
mod span;
mod suppress;
mod telemetry;

pub use context::{kept_context, non_recording_context};
pub use convert::span_data;
pub use exporter::OpenTelemetryExporter;
#[cfg(feature = "logs")]
pub use log_exporter::PipelineLogExporter;
#[cfg(feature = "metrics")]
pub use metric_exporter::PipelineMetricExporter;
pub use pipeline_exporter::PipelineSpanExporter;
pub use sampler::OpenTelemetrySampler;
pub use suppress::suppress_on_this_thread;
pub use telemetry::telemetry;
